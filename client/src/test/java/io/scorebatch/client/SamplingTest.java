package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.plan.Sample;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.pipeline.run.RunScope;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Samples of a model's rows, and what is said of tables that hold one. */
class SamplingTest {
  @TempDir private Path folder;
  private SmallLake lake = SmallLake.of(Path.of("unused"));

  @BeforeEach
  void openLake() {
    lake = SmallLake.of(folder);
    lake.write("f", rows("range(10000)"));
  }

  @AfterEach
  void closeLake() {
    lake.close();
  }

  private static String rows(String range) {
    return "SELECT i::BIGINT AS id, 1.0::DOUBLE AS v, 0.0::DOUBLE AS w,"
        + " CASE WHEN i % 100 = 0 THEN 'rare' ELSE 'usual' END AS kind FROM "
        + range
        + " t(i)";
  }

  private List<String> keys() {
    return lake.rows("SELECT id FROM main.ml.p");
  }

  @Test
  void theSameRowsAreTakenEachTimeWhateverTheFiles() {
    lake.run("sample: 10%");
    List<String> first = keys();
    assertThat(first.size()).isBetween(900, 1100);
    lake.run("sample: 0.1");
    assertThat(keys()).isEqualTo(first);
    lake.write("f", rows("range(9999, -1, -1)") + " WHERE i >= 5000 ORDER BY hash(i)");
    lake.append("f", rows("range(5000)"));
    lake.run("sample: 10%");
    assertThat(keys()).isEqualTo(first);
    lake.run("sample: 10%\nsample_seed: 1");
    assertThat(keys()).isNotEqualTo(first);
  }

  @Test
  void exactlySoManyRowsAreTakenAndTheCountIsTold() {
    ModelResult result = lake.run("max_rows: 100");
    assertThat(keys()).hasSize(100);
    assertThat(result.rows()).isEqualTo(100);
    assertThat(result.notes()).contains("sampled: 100 of 10000 keys, seed 0");
    assertThat(lake.properties()).containsEntry("scorebatch.sampled", "100 of 10000 keys, seed 0");
  }

  @Test
  void aTableScoredInFullIsNoSampleAnyMore() {
    lake.run("max_rows: 100");
    lake.run("max_rows: null");
    assertThat(keys()).hasSize(10_000);
    assertThat(lake.properties()).containsEntry("scorebatch.sampled", "no");
  }

  @Test
  void everyStratumGivesItsShare() {
    lake.run("max_rows: 50\npassthrough: [kind]\nsample_stratify: kind");
    assertThat(lake.rows("SELECT kind, count(*) FROM main.ml.p GROUP BY ALL"))
        .containsExactly("rare,50", "usual,50");
  }

  @Test
  void theRunsOwnSizeComesBeforeTheFiles() {
    RunScope scope =
        new RunScope(
            Optional.empty(), Optional.empty(), false, false, Optional.of(new Sample.Rows(10)));
    lake.run("max_rows: 100", scope);
    assertThat(keys()).hasSize(10);
  }

  @Test
  void aShareThatHitsNoRowSaysSo() {
    lake.write("f", rows("range(3)"));
    ModelResult result = lake.run("sample: 0.0001%");
    assertThat(result.notes()).contains("sampled: 0 of 3 keys, seed 0");
    assertThat(keys()).isEmpty();
  }

  @Test
  void rowsLeftOutOfASampleAreScoredByTheNextIncrementalRun() {
    lake.run("incremental: missing_keys\nmax_rows: 100");
    lake.run("incremental: missing_keys");
    assertThat(keys()).hasSize(10_000);
    assertThat(lake.rows("SELECT count(DISTINCT id) FROM main.ml.p")).containsExactly("10000");
  }
}
