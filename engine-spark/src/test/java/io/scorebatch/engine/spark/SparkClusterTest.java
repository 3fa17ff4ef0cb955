package io.scorebatch.engine.spark;

import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.kernel.NativeScorerFactory;
import io.scorebatch.testing.FakeScorer;
import io.scorebatch.testing.MemoryTables;
import io.scorebatch.testing.TestPlan;
import io.scorebatch.testing.TestTable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.apache.spark.sql.classic.SparkSession;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The engine on executors that are processes of their own. */
final class SparkClusterTest {
  private static final int ROWS = 60_000;

  @TempDir Path folder;

  @Test
  void aWorkerLostOnTheWayChangesNothing() throws IOException {
    LocalSpark.session().stop();
    try (StandaloneCluster cluster = StandaloneCluster.start(folder);
        SparkSession spark = cluster.session()) {
      ScoringPlan plan =
          TestPlan.overRows(requests(spark), "id")
              .lookup(features(spark), List.of("id"), "b")
              .numbers("a", "b")
              .take("id")
              .predict()
              .build();
      Model model = TestModels.trees(50, 5);
      Path staging = Files.createDirectories(folder.resolve("staging"));
      SparkScoringEngine engine = SparkScoringEngine.on(spark, new MemoryTables());

      assertThatThrownBy(
              () ->
                  engine.stage(
                      plan,
                      FakeScorer.weightedSum("a", "b"),
                      staging,
                      limits(),
                      RunControl.unwatched()))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("The scorer exists on the driver only.");
      assertThat(staging).isEmptyDirectory();

      AtomicBoolean killed = new AtomicBoolean();
      RunControl control =
          new RunControl(
              share -> {
                if (share > 0.5 && killed.compareAndSet(false, true)) {
                  cluster.killOneWorker();
                }
              });
      Scorer scorer =
          ClusterScorers.of(List.of(TestModels.SlowScorers.class))
              .create(model, List.of(OutputKind.PREDICT));
      StagedScores scores = engine.stage(plan, scorer, staging, limits(), control);

      assertThat(killed).isTrue();
      assertThat(scores.statistics().keys()).isEqualTo(ROWS);
      assertThat(scores.statistics().rows()).isEqualTo(ROWS);
      assertThat(scores.statistics().lookups())
          .extracting(LookupStatistics::matched, LookupStatistics::missing)
          .containsExactly(tuple((long) ROWS / 2, (long) ROWS / 2));
      assertThat(filesIn(staging))
          .containsExactlyInAnyOrderElementsOf(
              scores.files().stream().map(StagedFile::file).toList());
      assertThat(predictions(engine, scores)).isEqualTo(expected(model));
    }
  }

  private EngineLimits limits() {
    return new EngineLimits(512L << 20, 2, folder);
  }

  private TableSnapshot requests(SparkSession spark) {
    TestTable table =
        TestTable.in(folder, new SparkParquet(spark), "requests")
            .column("id", LONG)
            .column("a", DOUBLE);
    for (int file = 0; file < 8; file++) {
      List<List<@Nullable Object>> rows = new ArrayList<>();
      for (long id = file; id < ROWS; id += 8) {
        rows.add(Arrays.asList(id, a(id)));
      }
      table.file(Map.of(), rows);
    }
    return table.snapshot();
  }

  /** Every other key, and keys nobody asks for. */
  private TableSnapshot features(SparkSession spark) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (long id = 0; id < 2L * ROWS; id += 2) {
      rows.add(Arrays.asList(id, b(id)));
    }
    return TestTable.in(folder, new SparkParquet(spark), "features")
        .column("id", LONG)
        .column("b", DOUBLE)
        .file(Map.of(), rows)
        .snapshot();
  }

  private static double a(long id) {
    return id * 7919 % 1000 + 0.25;
  }

  private static double b(long id) {
    return id * 104729 % 1000 + 0.75;
  }

  private static List<Path> filesIn(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  /** By key; fails where a key comes twice. */
  private static Map<Object, Object> predictions(SparkScoringEngine engine, StagedScores scores) {
    Map<Object, Object> predictions = new HashMap<>();
    engine.read(
        scores.files(),
        new SqlEngine.Rows() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void row(List<@Nullable Object> values) {
            assertThat(predictions.put(values.get(0), values.get(1))).isNull();
          }
        });
    return predictions;
  }

  private static Map<Object, Object> expected(Model model) {
    double[][] in = new double[2][ROWS];
    double[] out = new double[ROWS];
    for (int id = 0; id < ROWS; id++) {
      in[0][id] = a(id);
      in[1][id] = id % 2 == 0 ? b(id) : Double.NaN;
    }
    try (Scorer scorer = new NativeScorerFactory().create(model, List.of(OutputKind.PREDICT))) {
      scorer.score(new Columns(in), new Scores(out));
    }
    Map<Object, Object> expected = new HashMap<>();
    for (long id = 0; id < ROWS; id++) {
      expected.put(id, out[(int) id]);
    }
    return expected;
  }

  private record Columns(double[][] values) implements ColumnBlock {
    @Override
    public int rows() {
      return values[0].length;
    }

    @Override
    public int columns() {
      return values.length;
    }

    @Override
    public double[] numbers(int column) {
      return values[column];
    }

    @Override
    public @Nullable String[] texts(int column) {
      throw new UnsupportedOperationException();
    }
  }

  private record Scores(double[] values) implements ScoreBlock {
    @Override
    public double[] numbers(int column) {
      return values;
    }

    @Override
    public @Nullable String[] texts(int column) {
      throw new UnsupportedOperationException();
    }
  }
}
