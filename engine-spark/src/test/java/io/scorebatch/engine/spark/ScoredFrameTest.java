package io.scorebatch.engine.spark;

import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.testing.FakeScorer;
import io.scorebatch.testing.MemoryTables;
import io.scorebatch.testing.TestPlan;
import io.scorebatch.testing.TestTable;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.classic.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that a caller brings. */
final class ScoredFrameTest {
  @TempDir Path folder;

  private final SparkSession spark = LocalSpark.session();
  private final SparkScoringEngine engine = SparkScoringEngine.on(spark, new MemoryTables());

  private Dataset<Row> keys() {
    return spark
        .range(4)
        .selectExpr("id", "CAST(id AS INT) AS wide", "current_date() AS unused")
        .repartition(3);
  }

  private ScoringPlan plan() {
    TableSnapshot features =
        TestTable.in(folder, new SparkParquet(spark), "features")
            .column("id", LONG)
            .column("v", DOUBLE)
            .file(Arrays.asList(1L, 0.5), Arrays.asList(2L, 0.25))
            .snapshot();
    KeySource keys = new KeySource.Query("", List.of(Column.of("id", LONG)));
    return TestPlan.over(keys, "id")
        .lookup(features, List.of("id"), "v")
        .numbers("v")
        .take("id", "v")
        .predict()
        .build();
  }

  @Test
  void areScoredWhenAnActionAsksForThem() {
    AtomicInteger blocks = new AtomicInteger();
    FakeScorer scorer =
        new FakeScorer(
            List.of(ModelInput.number("v")),
            List.of(ScoreColumn.number(OutputKind.PREDICT, "predict")),
            (in, out) -> {
              blocks.incrementAndGet();
              for (int row = 0; row < in.rows(); row++) {
                out.numbers(0)[row] = 2 * in.numbers(0)[row];
              }
            });
    Dataset<Row> scored = engine.score(plan(), scorer, keys());
    assertThat(scored.columns()).containsExactly("id", "v", "prediction");
    assertThat(blocks).hasValue(0);
    assertThat(scored.filter("prediction > 0").orderBy("id").collectAsList())
        .containsExactly(
            RowFactory.create(0L, null, Double.NaN),
            RowFactory.create(1L, 0.5, 1.0),
            RowFactory.create(2L, 0.25, 0.5),
            RowFactory.create(3L, null, Double.NaN));
    assertThat(scored.count()).isEqualTo(4);
    assertThat(scored.join(spark.range(2), "id").count()).isEqualTo(2);
  }

  @Test
  void bringOurFailureBackFromTheExecutors() {
    FakeScorer scorer =
        new FakeScorer(
            List.of(ModelInput.number("v")),
            List.of(ScoreColumn.number(OutputKind.PREDICT, "predict")),
            (in, out) -> {
              throw ScorebatchException.of(ErrorCode.MODEL_UNSUPPORTED, "No.", "Because.", "Ask.");
            });
    Dataset<Row> scored = engine.score(plan(), scorer, keys());
    assertThatThrownBy(scored::collectAsList)
        .satisfies(
            thrown ->
                assertThat(SparkFailures.cause(thrown, ScorebatchException.class).orElseThrow())
                    .extracting(ScorebatchException::problem)
                    .isEqualTo(
                        new Problem(ErrorCode.MODEL_UNSUPPORTED, "No.", "Because.", "Ask.")));
  }
}
