package io.scorebatch.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.pipeline.gate.BatchProfile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryTest {
  @TempDir private Path runs;

  private Path write(String run, String results) throws IOException {
    Path folder = Files.createDirectories(runs.resolve(run));
    return Files.writeString(folder.resolve("run_results.json"), results);
  }

  private static String results(String pipeline, String model, long rows) {
    return """
    {"pipeline": "%s", "models": [{"model_name": "%s", "status": "SUCCESS",
     "profile": {"format": 1, "model_name": "%s", "rows": %d, "whole": true}}]}
    """
        .formatted(pipeline, model, model, rows);
  }

  @Test
  void takesTheNewestRunOfThePipelineThatCommittedTheModel() throws IOException {
    write("20261101T000000Z-a", results("nightly", "churn", 1));
    write("20261102T000000Z-a", results("nightly", "churn", 2));
    write("20261103T000000Z-a", results("weekly", "churn", 3));
    write(
        "20261104T000000Z-a",
        "{\"pipeline\": \"nightly\", \"models\": [{\"model_name\": \"churn\"}]}");
    write("20261105T000000Z-a", "killed while writing");
    History history = new History(runs);
    assertThat(history.last("nightly", "churn").map(BatchProfile::rows)).contains(2L);
    assertThat(history.last("nightly", "other")).isEmpty();
    assertThat(new History(runs.resolve("none")).last("nightly", "churn")).isEmpty();
  }

  @Test
  void aBaselineFileIsARunsResultsOrAProfile() throws IOException {
    Path results = write("r", results("nightly", "churn", 7));
    assertThat(History.inFile(results, "churn").map(BatchProfile::rows)).contains(7L);
    assertThat(History.inFile(results, "other")).isEmpty();
    Path profile = Files.writeString(runs.resolve("profile.json"), "{\"format\": 1, \"rows\": 9}");
    assertThat(History.inFile(profile, "churn").map(BatchProfile::rows)).contains(9L);
    assertThat(History.inFile(runs.resolve("none.json"), "churn")).isEmpty();
  }
}
