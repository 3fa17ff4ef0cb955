package io.scorebatch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every table store must do. A store's test extends this. */
public abstract class TableStoreContractTest {
  protected static final TableName SCORES = new TableName("main", "ml", "scores");
  protected static final Schema SCHEMA =
      Schema.of(
          Column.of("id", Primitive.LONG).withComment("who is scored"),
          Column.of("prediction", Primitive.DOUBLE).withComment("higher is better"));

  private TableStore store;

  /** An empty catalog, the same folder or server for each call within a test. */
  protected abstract TableStore openStore();

  /** Writes the rows of a DuckDB query to one new Parquet file, with statistics. */
  protected abstract StagedFile stage(Path folder, String query);

  /** The live rows of a snapshot, in any order. */
  protected abstract List<List<@Nullable Object>> rows(TableSnapshot snapshot);

  @BeforeEach
  void openCatalog() {
    store = openStore();
  }

  @AfterEach
  void closeCatalog() {
    store.close();
  }

  /** A commit without comment, properties or transaction. */
  protected static TableCommit commit(
      TableName table, Schema schema, Mode mode, List<StagedFile> files) {
    return new TableCommit(
        table, schema, mode, files, null, Map.of(), Optional.empty(), "scorebatch-test");
  }

  private static TableCommit with(TableCommit commit, String application, long version) {
    return new TableCommit(
        commit.table(),
        commit.schema(),
        commit.mode(),
        commit.files(),
        commit.comment(),
        commit.properties(),
        Optional.of(new TransactionId(application, version)),
        commit.engineInfo());
  }

  private StagedFile scores(String values) {
    return stage(
        store.stagingFolder(SCORES),
        "SELECT id::BIGINT AS id, prediction::DOUBLE AS prediction FROM (VALUES "
            + values
            + ") AS t(id, prediction)");
  }

  private long write(Mode mode, String values) {
    return store.commit(commit(SCORES, SCHEMA, mode, List.of(scores(values))));
  }

  private List<List<@Nullable Object>> rowsNow() {
    return rows(store.snapshot(SCORES));
  }

  private static ErrorCode codeOf(ThrowingCallable call) {
    ScorebatchException failure = catchThrowableOfType(ScorebatchException.class, call);
    assertThat(failure).isNotNull();
    return failure.problem().code();
  }

  @Test
  void firstCommitMakesTheTable() {
    assertThat(store.exists(SCORES)).isFalse();
    assertThat(store.list()).isEmpty();

    long version = write(Mode.OVERWRITE, "(1, 0.5), (2, NULL)");

    assertThat(version).isZero();
    assertThat(store.exists(SCORES)).isTrue();
    assertThat(store.list()).containsExactly(SCORES);
    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(snapshot.version()).isZero();
    assertThat(snapshot.rows()).hasValue(2);
    assertThat(rows(snapshot)).containsExactlyInAnyOrder(List.of(1L, 0.5), Arrays.asList(2L, null));
  }

  @Test
  void appendToNothingMakesTheTable() {
    assertThat(write(Mode.APPEND, "(1, 0.5)")).isZero();
    assertThat(rowsNow()).containsExactly(List.of(1L, 0.5));
  }

  @Test
  void stagedFilesAreInvisibleUntilCommitted() {
    write(Mode.OVERWRITE, "(1, 0.5)");
    scores("(2, 0.5)");

    assertThat(rowsNow()).containsExactly(List.of(1L, 0.5));
  }

  @Test
  void stagingAloneMakesNoTable() {
    scores("(2, 0.5)");

    assertThat(store.exists(SCORES)).isFalse();
    assertThat(store.list()).isEmpty();
    assertThat(codeOf(() -> store.snapshot(SCORES))).isEqualTo(ErrorCode.TABLE_NOT_FOUND);
  }

  @Test
  void overwriteReplacesAllRowsInOneVersion() {
    write(Mode.OVERWRITE, "(1, 0.5), (2, 0.25)");

    assertThat(write(Mode.OVERWRITE, "(3, 0.75)")).isEqualTo(1);

    assertThat(rowsNow()).containsExactly(List.of(3L, 0.75));
  }

  @Test
  void overwriteReplacesTheSchemaInTheSameVersion() {
    write(Mode.OVERWRITE, "(1, 0.5)");
    Schema other =
        Schema.of(Column.of("key", Primitive.STRING), Column.of("prediction", Primitive.INT));
    StagedFile file =
        stage(store.stagingFolder(SCORES), "SELECT 'a' AS key, 7::INTEGER AS prediction");

    assertThat(store.commit(commit(SCORES, other, Mode.OVERWRITE, List.of(file)))).isEqualTo(1);

    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(snapshot.schema()).isEqualTo(other);
    assertThat(rows(snapshot)).containsExactly(List.of("a", 7));
  }

  @Test
  void olderVersionsStayReadable() {
    write(Mode.OVERWRITE, "(1, 0.5)");
    TableSnapshot held = store.snapshot(SCORES);
    Schema other = Schema.of(Column.of("key", Primitive.STRING));
    StagedFile file = stage(store.stagingFolder(SCORES), "SELECT 'a' AS key");
    store.commit(commit(SCORES, other, Mode.OVERWRITE, List.of(file)));

    TableSnapshot old = store.snapshot(SCORES, 0);
    assertThat(old.version()).isZero();
    assertThat(old.schema()).isEqualTo(SCHEMA);
    assertThat(rows(old)).containsExactly(List.of(1L, 0.5));
    assertThat(rows(held)).containsExactly(List.of(1L, 0.5));
  }

  @Test
  void overwriteWithoutRowsEmptiesTheTable() {
    write(Mode.OVERWRITE, "(1, 0.5)");

    store.commit(commit(SCORES, SCHEMA, Mode.OVERWRITE, List.of()));

    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(snapshot.files()).isEmpty();
    assertThat(snapshot.rows()).hasValue(0);
    assertThat(snapshot.schema()).isEqualTo(SCHEMA);
  }

  @Test
  void appendKeepsTheRowsThere() {
    write(Mode.OVERWRITE, "(1, 0.5)");

    assertThat(write(Mode.APPEND, "(2, 0.25)")).isEqualTo(1);

    assertThat(rowsNow()).containsExactlyInAnyOrder(List.of(1L, 0.5), List.of(2L, 0.25));
  }

  @Test
  void severalFilesAreCommittedTogether() {
    store.commit(
        commit(
            SCORES,
            SCHEMA,
            Mode.OVERWRITE,
            List.of(scores("(1, 0.5)"), scores("(2, 0.25), (3, 1)"))));

    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(snapshot.files()).hasSize(2);
    assertThat(snapshot.rows()).hasValue(3);
    assertThat(rows(snapshot)).hasSize(3);
  }

  @Test
  void appendOfAnotherTypeIsRefusedWithBothTypes() {
    write(Mode.OVERWRITE, "(1, 0.5)");
    Schema other =
        Schema.of(Column.of("id", Primitive.LONG), Column.of("prediction", Primitive.STRING));
    StagedFile file =
        stage(store.stagingFolder(SCORES), "SELECT 1::BIGINT AS id, 'x' AS prediction");

    assertThatThrownBy(() -> store.commit(commit(SCORES, other, Mode.APPEND, List.of(file))))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("main.ml.scores")
        .hasMessageContaining("column 'prediction' is string")
        .hasMessageContaining("The table has it as double");
    assertThatThrownBy(() -> store.checkWritable(SCORES, other, Mode.APPEND))
        .hasMessageContaining("column 'prediction' is string");
    assertThat(store.snapshot(SCORES).version()).isZero();
  }

  @Test
  void appendNamesEveryMissingAndNewColumn() {
    write(Mode.OVERWRITE, "(1, 0.5)");
    Schema other = Schema.of(Column.of("key", Primitive.LONG), Column.of("x", Primitive.DOUBLE));

    ScorebatchException failure =
        catchThrowableOfType(
            ScorebatchException.class, () -> store.checkWritable(SCORES, other, Mode.APPEND));

    assertThat(failure.problems())
        .extracting(problem -> problem.what())
        .containsExactly(
            "Rows do not fit table main.ml.scores: column 'id' is missing.",
            "Rows do not fit table main.ml.scores: column 'prediction' is missing.",
            "Rows do not fit table main.ml.scores: column 'key' is new.",
            "Rows do not fit table main.ml.scores: column 'x' is new.");
  }

  @Test
  void appendTakesTheTablesSpellingOfNames() {
    write(Mode.OVERWRITE, "(1, 0.5)");
    Schema shouted =
        Schema.of(Column.of("ID", Primitive.LONG), Column.of("Prediction", Primitive.DOUBLE));

    Schema toStage = store.checkWritable(SCORES, shouted, Mode.APPEND);

    assertThat(toStage.names()).containsExactly("id", "prediction");
    assertThat(store.checkWritable(SCORES, shouted, Mode.OVERWRITE)).isEqualTo(shouted);
    assertThatThrownBy(
            () -> store.commit(commit(SCORES, shouted, Mode.APPEND, List.of(scores("(2, 0.5)")))))
        .hasMessageContaining("column 'ID' is spelled 'id' there");
  }

  @Test
  void namesAreStoredAsWritten() {
    Schema camel = Schema.of(Column.of("CustId", Primitive.LONG));
    StagedFile file = stage(store.stagingFolder(SCORES), "SELECT 1::BIGINT AS \"CustId\"");
    store.commit(commit(SCORES, camel, Mode.OVERWRITE, List.of(file)));

    assertThat(store.snapshot(SCORES).schema().names()).containsExactly("CustId");
  }

  @Test
  void everyTypeComesBackAsItWent() {
    Schema all =
        Schema.of(
            Column.of("a", Primitive.BOOLEAN),
            Column.of("b", Primitive.BYTE),
            Column.of("c", Primitive.SHORT),
            Column.of("d", Primitive.INT),
            Column.of("e", Primitive.LONG).required(),
            Column.of("f", Primitive.FLOAT),
            Column.of("g", Primitive.DOUBLE),
            Column.of("h", Primitive.STRING),
            Column.of("i", Primitive.BINARY),
            Column.of("j", Primitive.DATE),
            Column.of("k", Primitive.TIMESTAMP),
            Column.of("l", new Decimal(10, 2)),
            Column.of("m", new ArrayOf(Primitive.DOUBLE)),
            Column.of("n", new MapOf(Primitive.STRING, Primitive.DOUBLE)),
            Column.of(
                "o",
                new ColumnType.StructOf(
                    List.of(
                        Column.of("x", Primitive.INT).withComment("inner"),
                        Column.of("y", Primitive.STRING)))));
    StagedFile file =
        stage(
            store.stagingFolder(SCORES),
            """
            SELECT true AS a, 1::TINYINT AS b, 2::SMALLINT AS c, 3::INTEGER AS d, 4::BIGINT AS e,
              1.5::FLOAT AS f, 2.5::DOUBLE AS g, 'text' AS h, 'ab'::BLOB AS i,
              DATE '2024-03-10' AS j, TIMESTAMPTZ '2024-03-10 10:00:00+00' AS k,
              12.34::DECIMAL(10,2) AS l, [1.0::DOUBLE, NULL] AS m,
              MAP {'k': 0.5::DOUBLE} AS n, {'x': 1::INTEGER, 'y': 'z'} AS o
            """);

    store.commit(commit(SCORES, all, Mode.OVERWRITE, List.of(file)));

    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(snapshot.schema()).isEqualTo(all);
    assertThat(rows(snapshot)).hasSize(1);
  }

  @Test
  void nullInARequiredColumnIsRefused() {
    Schema required =
        Schema.of(Column.of("id", Primitive.LONG).required(), Column.of("x", Primitive.DOUBLE));
    StagedFile file =
        stage(
            store.stagingFolder(SCORES),
            "SELECT * FROM (VALUES (1::BIGINT, 1.0::DOUBLE), (NULL, 2)) AS t(id, x)");

    assertThatThrownBy(() -> store.commit(commit(SCORES, required, Mode.OVERWRITE, List.of(file))))
        .hasMessageContaining("column 'id' is NULL in 1 rows")
        .hasMessageContaining("NOT NULL");
    assertThat(store.exists(SCORES)).isFalse();
  }

  @Test
  void requiredColumnOfTheTableStaysRequiredWhenRowsAreAdded() {
    Schema required =
        Schema.of(
            Column.of("id", Primitive.LONG).required(), Column.of("prediction", Primitive.DOUBLE));
    store.commit(commit(SCORES, required, Mode.OVERWRITE, List.of(scores("(1, 0.5)"))));

    assertThatThrownBy(() -> write(Mode.APPEND, "(NULL, 0.5), (2, 0.5)"))
        .hasMessageContaining("column 'id' is NULL in 1 rows");
    assertThat(write(Mode.APPEND, "(2, 0.5)")).isEqualTo(1);
    assertThat(store.snapshot(SCORES).schema()).isEqualTo(required);
  }

  @Test
  void commentsAndPropertiesAreKept() {
    TableCommit described =
        new TableCommit(
            SCORES,
            SCHEMA,
            Mode.OVERWRITE,
            List.of(scores("(1, 0.5)")),
            "scores of the night",
            Map.of("team", "cost"),
            Optional.empty(),
            "scorebatch-test");
    store.commit(described);
    String id = store.snapshot(SCORES).tableId();
    write(Mode.OVERWRITE, "(2, 0.5)");

    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(snapshot.comment()).isEqualTo("scores of the night");
    assertThat(snapshot.properties()).containsEntry("team", "cost");
    assertThat(snapshot.tableId()).isEqualTo(id);
    assertThat(snapshot.schema().columns())
        .extracting(Column::comment)
        .containsExactly("who is scored", "higher is better");
  }

  @Test
  void sameTransactionIsCommittedOnce() {
    assertThat(store.transactionVersion(SCORES, "nightly")).isEmpty();
    store.commit(
        with(commit(SCORES, SCHEMA, Mode.APPEND, List.of(scores("(1, 0.5)"))), "nightly", 5));
    assertThat(store.transactionVersion(SCORES, "nightly")).hasValue(5);
    assertThat(store.transactionVersion(SCORES, "other")).isEmpty();

    for (Mode mode : Mode.values()) {
      for (long version : List.of(4L, 5L)) {
        TableCommit again =
            with(commit(SCORES, SCHEMA, mode, List.of(scores("(9, 0.9)"))), "nightly", version);
        assertThat(store.commit(again)).as(mode + " " + version).isZero();
      }
    }
    assertThat(rowsNow()).containsExactly(List.of(1L, 0.5));

    TableCommit next =
        with(commit(SCORES, SCHEMA, Mode.OVERWRITE, List.of(scores("(2, 0.25)"))), "nightly", 6);
    assertThat(store.commit(next)).isEqualTo(1);
    assertThat(rowsNow()).containsExactly(List.of(2L, 0.25));
    assertThat(store.transactionVersion(SCORES, "nightly")).hasValue(6);
  }

  @Test
  void transactionsOfSeveralApplicationsLiveSideBySide() {
    store.commit(with(commit(SCORES, SCHEMA, Mode.APPEND, List.of(scores("(1, 1)"))), "a", 7));
    store.commit(with(commit(SCORES, SCHEMA, Mode.APPEND, List.of(scores("(2, 2)"))), "b", 1));

    assertThat(store.transactionVersion(SCORES, "a")).hasValue(7);
    assertThat(store.transactionVersion(SCORES, "b")).hasValue(1);
    assertThat(rowsNow()).hasSize(2);
  }

  @Test
  void concurrentAppendsLoseNothing() throws Exception {
    write(Mode.OVERWRITE, "(0, 0)");
    int threads = 4;
    int commits = 10;
    List<Callable<Long>> work = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      int thread = t;
      work.add(
          () -> {
            try (TableStore own = openStore()) {
              long last = 0;
              for (int c = 0; c < commits; c++) {
                String row = "(" + (1 + thread * commits + c) + ", 0.5)";
                last = own.commit(commit(SCORES, SCHEMA, Mode.APPEND, List.of(scores(row))));
              }
              return last;
            }
          });
    }
    for (Future<Long> done : runAll(work)) {
      assertThat(done.get()).isPositive();
    }

    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(snapshot.version()).isEqualTo(40);
    assertThat(rows(snapshot).stream().map(row -> row.get(0)).distinct())
        .hasSize(1 + threads * commits);
  }

  @Test
  void concurrentOverwritesNeverMix() throws Exception {
    write(Mode.OVERWRITE, "(0, 0)");
    int threads = 4;
    List<Callable<Boolean>> work = new ArrayList<>();
    for (int t = 1; t <= threads; t++) {
      String rows = "(" + t + ", 1), (" + t + ", 2)";
      work.add(
          () -> {
            try (TableStore own = openStore()) {
              own.commit(commit(SCORES, SCHEMA, Mode.OVERWRITE, List.of(scores(rows))));
              return true;
            } catch (ScorebatchException e) {
              assertThat(e.problem().code()).isEqualTo(ErrorCode.COMMIT_CONFLICT);
              assertThat(e).hasMessageContaining("main.ml.scores");
              return false;
            }
          });
    }
    long won = 0;
    for (Future<Boolean> done : runAll(work)) {
      won += done.get() ? 1 : 0;
    }

    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(won).isPositive();
    assertThat(snapshot.version()).isEqualTo(won);
    assertThat(rows(snapshot)).hasSize(2);
    assertThat(rows(snapshot).stream().map(row -> row.get(0)).distinct()).hasSize(1);
  }

  private static <T> List<Future<T>> runAll(List<Callable<T>> work) throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(work.size());
    try {
      return pool.invokeAll(work);
    } finally {
      pool.shutdown();
    }
  }

  @Test
  void unknownTableIsReportedWithSimilarNamesAndWhatThereIs() {
    write(Mode.OVERWRITE, "(1, 0.5)");

    assertThatThrownBy(() -> store.snapshot(new TableName("main", "ml", "score")))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("Table main.ml.score does not exist")
        .hasMessageContaining("main.ml")
        .hasMessageContaining("holds: scores")
        .hasMessageContaining("did you mean 'main.ml.scores'?");
  }

  @Test
  void unknownVersionIsReportedWithThoseThereAre() {
    write(Mode.OVERWRITE, "(1, 0.5)");
    write(Mode.APPEND, "(2, 0.5)");

    ScorebatchException failure =
        catchThrowableOfType(ScorebatchException.class, () -> store.snapshot(SCORES, 7));

    assertThat(failure.problem().code()).isEqualTo(ErrorCode.TABLE_VERSION_NOT_FOUND);
    assertThat(failure).hasMessageContaining("no version 7").hasMessageContaining("0 to 1");
  }

  @Test
  void tableNamesIgnoreCase() {
    write(Mode.OVERWRITE, "(1, 0.5)");

    TableSnapshot snapshot = store.snapshot(new TableName("MAIN", "Ml", "SCORES"));

    assertThat(snapshot.name().toString()).isEqualTo("main.ml.scores");
  }

  @Test
  void filesTellSizeAndRows() {
    StagedFile staged = scores("(1, 0.5), (2, 0.25)");
    store.commit(commit(SCORES, SCHEMA, Mode.OVERWRITE, List.of(staged)));

    DataFile file = store.snapshot(SCORES).files().get(0);

    assertThat(file.sizeBytes()).isEqualTo(staged.sizeBytes());
    assertThat(file.rows()).hasValue(2);
    assertThat(file.deleted()).isEmpty();
    assertThat(file.partitionValues()).isEmpty();
  }

  @Test
  void manyCommitsStayReadable() {
    for (int i = 0; i < 25; i++) {
      store.commit(
          with(
              commit(SCORES, SCHEMA, Mode.APPEND, List.of(scores("(" + i + ", 0.5)"))),
              "nightly",
              i));
    }

    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(snapshot.version()).isEqualTo(24);
    assertThat(snapshot.rows()).hasValue(25);
    assertThat(rows(snapshot)).hasSize(25);
    assertThat(store.snapshot(SCORES, 15).rows()).hasValue(16);
    assertThat(store.transactionVersion(SCORES, "nightly")).hasValue(24);
  }

  @Test
  void wallClockTimestampsAreNeverTurnedOnImplicitly() {
    Schema wallClock = Schema.of(Column.of("seen_at", Primitive.TIMESTAMP_NTZ));

    assertThatThrownBy(() -> store.checkWritable(SCORES, wallClock, Mode.OVERWRITE))
        .hasMessageContaining("'seen_at'")
        .hasMessageContaining("timestampNtz")
        .hasMessageContaining("cast it to timestamp");
  }

  @Test
  void columnNamesDeltaCannotHoldAreAllNamed() {
    Schema bad =
        Schema.of(Column.of("total cost", Primitive.DOUBLE), Column.of("a=b", Primitive.DOUBLE));

    assertThatThrownBy(() -> store.checkWritable(SCORES, bad, Mode.OVERWRITE))
        .hasMessageContaining("'total cost'")
        .hasMessageContaining("'a=b'");
  }

  @Test
  void fileOfAnotherFolderIsRefused(@TempDir Path elsewhere) {
    StagedFile stray = stage(elsewhere, "SELECT 1::BIGINT AS id, 0.5::DOUBLE AS prediction");

    assertThatThrownBy(() -> store.commit(commit(SCORES, SCHEMA, Mode.OVERWRITE, List.of(stray))))
        .hasMessageContaining("outside the table's folder");
  }

  @Test
  void fileOfTheTableIsNotCommittedAgain() {
    StagedFile file = scores("(1, 0.5)");
    store.commit(commit(SCORES, SCHEMA, Mode.OVERWRITE, List.of(file)));

    assertThatThrownBy(() -> store.commit(commit(SCORES, SCHEMA, Mode.OVERWRITE, List.of(file))))
        .hasMessageContaining("holds a file of that name already");
    assertThat(rowsNow()).containsExactly(List.of(1L, 0.5));
  }
}
