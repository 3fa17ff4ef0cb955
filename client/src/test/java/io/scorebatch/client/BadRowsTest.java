package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.table.TableName;
import io.scorebatch.pipeline.run.RunScope;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows a model cannot take, through a pipeline. Field report 147. */
class BadRowsTest {
  private static final TableName QUARANTINE = new TableName("main", "ml", "p_quarantine");

  @TempDir private Path folder;
  private SmallLake lake = SmallLake.of(Path.of("."));

  @BeforeEach
  void aRowInAHundredHasNoValue() {
    lake = SmallLake.of(folder);
    lake.refuseMissing();
    lake.write(
        "f",
        "SELECT i AS id, CASE WHEN i % 100 = 7 THEN NULL ELSE 1.0 * i END AS v, 0.5 AS w FROM"
            + " range(200) t(i)");
  }

  @AfterEach
  void close() {
    lake.close();
  }

  @Test
  void theFirstOneFailsTheModelUnlessMoreIsAllowed() {
    ModelResult result = lake.attempt("", RunScope.USUAL);
    assertThat(result.status()).isEqualTo(ModelStatus.FAILED);
    assertThat(result.problems().get(0).code()).isEqualTo(ErrorCode.VALUE_REJECTED);
    assertThat(result.problems().get(0).what()).contains("id = 7");
  }

  @Test
  void theyAreWrittenWithoutAPredictionAndKeptWithTheReason() {
    ModelResult result = lake.run("on_bad_row: null");
    assertThat(result.rows()).isEqualTo(200);
    assertThat(result.statistics().orElseThrow().badRows()).isEqualTo(2);
    assertThat(result.notes()).contains("2 bad rows are kept in main.ml.p_quarantine");
    assertThat(lake.rows("SELECT id FROM main.ml.p WHERE prediction IS NULL"))
        .containsExactly("107", "7");
    assertThat(
            lake.rows(
                "SELECT id, reason IS NOT NULL, raw_values, model_name, model_version, run_id <>"
                    + " '', scored_at IS NOT NULL FROM main.ml.p_quarantine WHERE id = 7"))
        .singleElement()
        .asString()
        .startsWith("7,true,{")
        .contains("\"w\"")
        .endsWith(",m,1,true,true");
  }

  @Test
  void theyAreLeftOutAndEachRunAppendsThem() {
    assertThat(lake.run("on_bad_row: skip").rows()).isEqualTo(198);
    assertThat(lake.run("on_bad_row: skip\nmax_bad_rows: 2").rows()).isEqualTo(198);
    assertThat(lake.rows("SELECT count(*), count(DISTINCT run_id) FROM main.ml.p_quarantine"))
        .containsExactly("4,2");
    assertThat(lake.rows("SELECT count(*) FROM main.ml.p")).containsExactly("198");
  }

  @Test
  void beyondTheBudgetTheModelFailsAndTheRowsAreKeptAllTheSame() {
    lake.run("on_bad_row: skip");
    for (String budget : List.of("1", "0.5%")) {
      ModelResult result =
          lake.attempt("on_bad_row: skip\nmax_bad_rows: " + budget, RunScope.USUAL);
      assertThat(result.problems())
          .extracting(Problem::code)
          .containsExactly(ErrorCode.BAD_ROWS_OVER_BUDGET);
      assertThat(result.problems().get(0).what())
          .startsWith("Model 'm' could not take 2 of 200 rows; wanted at most ");
    }
    assertThat(lake.predictionTable().version()).isZero();
    assertThat(lake.rows("SELECT count(*) FROM main.ml.p_quarantine")).containsExactly("6");
  }

  @Test
  void theyAreNotKeptWhereNobodyWantsThem() {
    lake.run("on_bad_row: skip\nquarantine: false");
    assertThat(lake.tables().exists(QUARANTINE)).isFalse();
  }
}
