package io.scorebatch.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableCommit.Replaced;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every table store must do. A store's test extends this. */
public abstract class TableStoreContractTest {
  protected static final TableName SCORES = new TableName("main", "ml", "scores");
  protected static final Schema SCHEMA =
      Schema.of(
          Column.of("id", Primitive.LONG).withComment("who is scored"),
          Column.of("prediction", Primitive.DOUBLE).withComment("higher is better"));

  private final Queue<StagingArea> areas = new ConcurrentLinkedQueue<>();
  private TableStore store;

  /** An empty catalog, the same folder or server for each call within a test. */
  protected abstract TableStore openStore();

  /**
   * Writes the rows of a DuckDB query to one new Parquet file, with statistics.
   *
   * @param partitionValues of columns the query does not bring
   */
  protected abstract StagedFile stage(
      Path folder, String query, Map<String, @Nullable String> partitionValues);

  /** The live rows of a snapshot, in any order. */
  protected abstract List<List<@Nullable Object>> rows(TableSnapshot snapshot);

  @BeforeEach
  void openCatalog() {
    store = openStore();
  }

  @AfterEach
  void closeCatalog() {
    closeAreas();
    store.close();
  }

  /** A folder of a writer of its own, which lives as long as the test. */
  private Path staging() {
    StagingArea area = store.openStaging(SCORES);
    areas.add(area);
    return area.folder();
  }

  private StagedFile stage(Path folder, String query) {
    return stage(folder, query, Map.of());
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
        commit.engineInfo(),
        commit.partitionColumns(),
        commit.replaced());
  }

  /** Some files in place of others, of the table as it was read. */
  private static TableCommit replacement(
      TableSnapshot read,
      Set<String> paths,
      List<StagedFile> files,
      Map<String, String> properties) {
    return new TableCommit(
        read.name(),
        read.schema(),
        Mode.REPLACE,
        files,
        null,
        properties,
        Optional.empty(),
        "scorebatch-test",
        List.of(),
        Optional.of(new Replaced(read.version(), paths)));
  }

  private static TableCommit partitioned(
      Schema schema, Mode mode, List<String> columns, StagedFile... files) {
    return new TableCommit(
        SCORES,
        schema,
        mode,
        List.of(files),
        null,
        Map.of(),
        Optional.empty(),
        "scorebatch-test",
        columns,
        Optional.empty());
  }

  private StagedFile scores(String values) {
    return stage(
        staging(),
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
    StagedFile file = stage(staging(), "SELECT 'a' AS key, 7::INTEGER AS prediction");

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
    StagedFile file = stage(staging(), "SELECT 'a' AS key");
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
    StagedFile file = stage(staging(), "SELECT 1::BIGINT AS id, 'x' AS prediction");

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
    StagedFile file = stage(staging(), "SELECT 1::BIGINT AS \"CustId\"");
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
            staging(),
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
        stage(staging(), "SELECT * FROM (VALUES (1::BIGINT, 1.0::DOUBLE), (NULL, 2)) AS t(id, x)");

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

    for (long version : List.of(4L, 5L)) {
      List<StagedFile> again = List.of(scores("(9, 0.9)"));
      for (TableCommit commit :
          List.of(
              commit(SCORES, SCHEMA, Mode.APPEND, again),
              commit(SCORES, SCHEMA, Mode.OVERWRITE, again),
              // It is done, whatever the table was when it was read.
              replacement(store.snapshot(SCORES), Set.of("gone"), again, Map.of()))) {
        assertThat(store.commit(with(commit, "nightly", version))).as(commit.mode() + "").isZero();
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

  @Test
  void replacementTakesAwayTheNamedFilesAndAddsOthersInOneVersion() {
    store.commit(
        commit(SCORES, SCHEMA, Mode.OVERWRITE, List.of(scores("(1, 0.1)"), scores("(2, 0.2)"))));
    // What an engine is given: on an object store, the names of copies.
    TableSnapshot read = store.materialize(store.snapshot(SCORES));
    String first = fileWith(read, 1L);

    long version =
        store.commit(
            replacement(
                read, Set.of(first), List.of(scores("(1, 0.9), (3, 0.3)")), Map.of("state", "7")));

    assertThat(version).isEqualTo(1);
    assertThat(rowsNow())
        .containsExactlyInAnyOrder(List.of(1L, 0.9), List.of(2L, 0.2), List.of(3L, 0.3));
    TableSnapshot now = store.snapshot(SCORES);
    assertThat(now.schema()).isEqualTo(SCHEMA);
    assertThat(now.properties()).containsEntry("state", "7");
    assertThat(rows(store.snapshot(SCORES, 0))).hasSize(2);
  }

  /** The materialized file whose only row has that id. */
  private String fileWith(TableSnapshot materialized, long id) {
    for (DataFile file : materialized.files()) {
      TableSnapshot one = materialized.withFiles(List.of(file));
      if (rows(one).get(0).get(0).equals(id)) {
        return file.path();
      }
    }
    throw new AssertionError("no file has " + id);
  }

  @Test
  void replacementOfNothingAddsRowsAndState() {
    write(Mode.OVERWRITE, "(1, 0.1)");
    TableSnapshot read = store.snapshot(SCORES);

    store.commit(replacement(read, Set.of(), List.of(scores("(2, 0.2)")), Map.of("state", "8")));

    assertThat(rowsNow()).containsExactlyInAnyOrder(List.of(1L, 0.1), List.of(2L, 0.2));
    assertThat(store.snapshot(SCORES).properties()).containsEntry("state", "8");
    store.commit(replacement(store.snapshot(SCORES), Set.of(), List.of(), Map.of("state", "9")));
    assertThat(store.snapshot(SCORES).properties()).containsEntry("state", "9");
    assertThat(rowsNow()).hasSize(2);
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void replacementConflictsWithWhateverCameBetween(Mode other) {
    write(Mode.OVERWRITE, "(1, 0.1)");
    TableSnapshot read = store.snapshot(SCORES);
    List<StagedFile> files = List.of(scores("(2, 0.2)"));
    store.commit(
        other == Mode.REPLACE
            ? replacement(read, Set.of(), files, Map.of())
            : commit(SCORES, SCHEMA, other, files));
    List<List<@Nullable Object>> before = rowsNow();

    for (Set<String> paths : List.of(Set.<String>of(), Set.of(read.files().get(0).path()))) {
      TableCommit late = replacement(read, paths, List.of(scores("(1, 0.9)")), Map.of("a", "b"));
      ScorebatchException failure =
          catchThrowableOfType(ScorebatchException.class, () -> store.commit(late));
      assertThat(failure.problem().code()).isEqualTo(ErrorCode.COMMIT_CONFLICT);
      assertThat(failure).hasMessageContaining("Another writer changed table main.ml.scores");
    }

    assertThat(rowsNow()).isEqualTo(before);
    assertThat(store.snapshot(SCORES).properties()).doesNotContainKey("a");
  }

  @Test
  void ofReplacementsFromOneSnapshotOneWins() throws Exception {
    write(Mode.OVERWRITE, "(0, 0)");
    TableSnapshot read = store.snapshot(SCORES);
    Set<String> slice = Set.of(read.files().get(0).path());
    List<Callable<Boolean>> work = new ArrayList<>();
    for (int t = 1; t <= 3; t++) {
      TableCommit mine =
          replacement(read, slice, List.of(scores("(" + t + ", 1), (" + t + ", 2)")), Map.of());
      work.add(
          () -> {
            try (TableStore own = openStore()) {
              own.commit(mine);
              return true;
            } catch (ScorebatchException e) {
              assertThat(e.problem().code()).isEqualTo(ErrorCode.COMMIT_CONFLICT);
              return false;
            }
          });
    }
    int won = 0;
    for (Future<Boolean> done : runAll(work)) {
      won += done.get() ? 1 : 0;
    }

    assertThat(won).isEqualTo(1);
    assertThat(store.snapshot(SCORES).version()).isEqualTo(1);
    assertThat(rowsNow()).hasSize(2);
    assertThat(rowsNow().stream().map(row -> row.get(0)).distinct()).hasSize(1);
  }

  @Test
  void replacementOfAFileThatIsNotThereIsRefused() {
    write(Mode.OVERWRITE, "(1, 0.1)");
    TableSnapshot read = store.snapshot(SCORES);
    TableCommit wrong =
        replacement(read, Set.of("/elsewhere/x.parquet"), List.of(scores("(2, 0.2)")), Map.of());

    assertThatThrownBy(() -> store.commit(wrong))
        .hasMessageContaining("/elsewhere/x.parquet")
        .hasMessageContaining("Version 0 does not hold them");
    assertThat(rowsNow()).containsExactly(List.of(1L, 0.1));
  }

  @Test
  void replacementOfATableThatIsNotThereConflicts() {
    TableSnapshot read =
        new TableSnapshot(SCORES, "", "", 3, List.of(), List.of(), Map.of(), null, List.of());

    assertThat(codeOf(() -> store.commit(replacement(read, Set.of(), List.of(), Map.of()))))
        .isEqualTo(ErrorCode.COMMIT_CONFLICT);
    assertThat(store.exists(SCORES)).isFalse();
  }

  @Test
  void replacementKeepsTheSchema() {
    write(Mode.OVERWRITE, "(1, 0.5)");
    TableSnapshot read = store.snapshot(SCORES);
    Schema other =
        Schema.of(Column.of("id", Primitive.LONG), Column.of("prediction", Primitive.STRING));
    TableCommit changed =
        new TableCommit(
            SCORES,
            other,
            Mode.REPLACE,
            List.of(stage(staging(), "SELECT 1::BIGINT AS id, 'x' AS prediction")),
            null,
            Map.of(),
            Optional.empty(),
            "scorebatch-test",
            List.of(),
            Optional.of(new Replaced(read.version(), Set.of())));

    for (ThrowingCallable call :
        List.<ThrowingCallable>of(
            () -> store.commit(changed), () -> store.checkWritable(SCORES, other, Mode.REPLACE))) {
      assertThatThrownBy(call)
          .hasMessageContaining("column 'prediction' is string")
          .hasMessageContaining("The table has it as double");
    }
    assertThat(store.checkWritable(SCORES, SCHEMA, Mode.REPLACE)).isEqualTo(SCHEMA);
    assertThat(store.snapshot(SCORES).version()).isZero();
  }

  private static final Schema DAILY =
      Schema.of(
          Column.of("id", Primitive.LONG),
          Column.of("day", Primitive.DATE),
          Column.of("zone", Primitive.STRING));

  private StagedFile daily(long id, @Nullable String day, @Nullable String zone) {
    Map<String, @Nullable String> values = new HashMap<>();
    values.put("day", day);
    values.put("zone", zone);
    return stage(staging(), "SELECT " + id + "::BIGINT AS id", values);
  }

  private static String partitionsOf(DataFile file) {
    return file.partitionValues().get("day") + " " + file.partitionValues().get("zone");
  }

  @Test
  void partitionsOfATableAreKeptByAllThatIsAddedAndReplaced() {
    List<String> columns = List.of("zone", "day");
    assertThat(store.checkWritable(SCORES, DAILY, Mode.OVERWRITE, columns)).isEqualTo(DAILY);
    store.commit(partitioned(DAILY, Mode.OVERWRITE, columns, daily(1, "2024-05-01", "eu")));
    assertThat(store.checkWritable(SCORES, DAILY, Mode.APPEND, List.of("DAY", "zone")))
        .isEqualTo(DAILY);
    store.commit(partitioned(DAILY, Mode.APPEND, List.of(), daily(2, "2024-05-02", null)));
    TableSnapshot read = store.snapshot(SCORES);
    String may1 =
        read.files().stream()
            .filter(file -> "2024-05-01".equals(file.partitionValues().get("day")))
            .findFirst()
            .orElseThrow()
            .path();
    store.commit(
        replacement(read, Set.of(may1), List.of(daily(3, "2024-05-01", "a/b=c% ü'")), Map.of()));

    TableSnapshot snapshot = store.snapshot(SCORES);
    assertThat(snapshot.partitionColumns()).containsExactly("zone", "day");
    assertThat(snapshot.files())
        .extracting(TableStoreContractTest::partitionsOf)
        .containsExactlyInAnyOrder("2024-05-02 null", "2024-05-01 a/b=c% ü'");
    assertThat(rows(snapshot))
        .containsExactlyInAnyOrder(
            Arrays.asList(2L, LocalDate.of(2024, 5, 2), null),
            List.of(3L, LocalDate.of(2024, 5, 1), "a/b=c% ü'"));
  }

  @Test
  void partitionsAreReplacedWithTheTable() {
    store.commit(
        partitioned(DAILY, Mode.OVERWRITE, List.of("day", "zone"), daily(1, "2024-05-01", "eu")));
    store.commit(partitioned(DAILY, Mode.OVERWRITE, List.of("day")));
    assertThat(store.snapshot(SCORES).partitionColumns()).containsExactly("day");

    write(Mode.OVERWRITE, "(1, 0.5)");
    assertThat(store.snapshot(SCORES).partitionColumns()).isEmpty();
    assertThat(rowsNow()).containsExactly(List.of(1L, 0.5));
  }

  @Test
  void rowsStagedByOtherPartitionsAreRefusedBeforeAndAtTheCommit() {
    store.commit(
        partitioned(DAILY, Mode.OVERWRITE, List.of("day", "zone"), daily(1, "2024-05-01", "eu")));
    StagedFile whole =
        stage(staging(), "SELECT 1::BIGINT AS id, DATE '2024-05-01' AS day, 'eu' AS zone");

    for (Mode mode : List.of(Mode.APPEND, Mode.REPLACE)) {
      assertThatThrownBy(() -> store.checkWritable(SCORES, DAILY, mode))
          .hasMessageContaining("the table is partitioned by day, zone")
          .hasMessageContaining("Rows are staged without partitions");
      assertThatThrownBy(() -> store.checkWritable(SCORES, DAILY, mode, List.of("zone")))
          .hasMessageContaining("Rows are staged by zone");
    }
    assertThatThrownBy(
            () -> store.commit(partitioned(DAILY, Mode.APPEND, List.of("day", "zone"), whole)))
        .hasMessageContaining("the table is partitioned by day, zone");
    assertThat(store.snapshot(SCORES).version()).isZero();
  }

  @Test
  void columnsNoTableCanBePartitionedByAreAllNamed() {
    Schema schema =
        Schema.of(
            Column.of("x", Primitive.DOUBLE),
            Column.of("list", new ArrayOf(Primitive.INT)),
            Column.of("ok", Primitive.INT));

    assertThatThrownBy(
            () ->
                store.checkWritable(
                    SCORES, schema, Mode.OVERWRITE, List.of("x", "list", "week", "ok", "OK")))
        .hasMessageContaining("column 'x' is double")
        .hasMessageContaining("column 'list' is array<int>")
        .hasMessageContaining("there is no column 'week' to partition by")
        .hasMessageContaining("'OK' is a partition column twice");
    assertThatThrownBy(
            () ->
                store.checkWritable(
                    SCORES,
                    Schema.of(Column.of("ok", Primitive.INT)),
                    Mode.OVERWRITE,
                    List.of("ok")))
        .hasMessageContaining("every column is a partition column");
  }

  /** Field reports 112, 113 and 117: whatever the form, it is the same value. */
  @Test
  void partitionValuesOfEveryTypeComeBackInOneForm() {
    Map<String, ColumnType> types = new LinkedHashMap<>();
    types.put("id", Primitive.LONG);
    types.put("b", Primitive.BOOLEAN);
    types.put("i", Primitive.INT);
    types.put("d", new Decimal(10, 2));
    types.put("t", Primitive.TIMESTAMP);
    types.put("s", Primitive.STRING);
    Schema schema =
        new Schema(
            types.entrySet().stream().map(e -> Column.of(e.getKey(), e.getValue())).toList());
    List<String> columns = List.of("b", "i", "d", "t", "s");
    List<StagedFile> files = new ArrayList<>();
    for (List<String> row :
        List.of(
            List.of("true", "-3", "5", "2024-03-10 10:00:00", "x"),
            List.of("True", "-3", "5.0", "2024-03-10T10:00:00.000000Z", "x"),
            List.of("TRUE", "-03", "5.00", "2024-03-10T12:00:00+02:00", "x"))) {
      Map<String, @Nullable String> values = new HashMap<>();
      for (int i = 0; i < columns.size(); i++) {
        values.put(columns.get(i), row.get(i));
      }
      files.add(stage(staging(), "SELECT 1::BIGINT AS id", values));
    }
    Map<String, @Nullable String> nulls = new HashMap<>();
    columns.forEach(column -> nulls.put(column, null));
    files.add(stage(staging(), "SELECT 2::BIGINT AS id", nulls));
    store.commit(partitioned(schema, Mode.OVERWRITE, columns, files.toArray(StagedFile[]::new)));

    assertThat(store.snapshot(SCORES).files())
        .extracting(file -> columns.stream().map(c -> file.partitionValues().get(c)).toList())
        .containsOnlyOnce(Arrays.asList(null, null, null, null, null))
        .filteredOn(values -> values.get(0) != null)
        .hasSize(3)
        .containsOnly(List.of("true", "-3", "5.00", "2024-03-10T10:00:00.000000Z", "x"));
  }

  @Test
  void partitionValuesThatWouldChangeAreRefused() {
    store.commit(
        partitioned(DAILY, Mode.OVERWRITE, List.of("day", "zone"), daily(1, "2024-05-01", "eu")));

    assertThatThrownBy(
            () ->
                store.commit(
                    partitioned(DAILY, Mode.APPEND, List.of(), daily(1, "2024-05-01", ""))))
        .hasMessageContaining("empty text cannot be a value of the partition column 'zone'");
    assertThatThrownBy(
            () -> store.commit(partitioned(DAILY, Mode.APPEND, List.of(), daily(1, "May", "eu"))))
        .hasMessageContaining("Partition value 'May' of column 'day'")
        .hasMessageContaining("is no date");
    Schema required =
        Schema.of(
            Column.of("id", Primitive.LONG),
            Column.of("day", Primitive.DATE).required(),
            Column.of("zone", Primitive.STRING));
    assertThatThrownBy(
            () ->
                store.commit(
                    partitioned(
                        required, Mode.OVERWRITE, List.of("day", "zone"), daily(1, null, "eu"))))
        .hasMessageContaining("column 'day' is NULL in 1 rows");
    assertThat(store.snapshot(SCORES).version()).isZero();
  }

  @Test
  void eachWriterStagesInAFolderOfItsOwn() throws IOException {
    Path one;
    try (StagingArea area = store.openStaging(SCORES)) {
      one = area.folder();
      assertThat(one).isEmptyDirectory().isNotEqualTo(staging());
      Path inner = Files.createDirectories(one.resolve("day=1"));
      StagedFile file = stage(inner, "SELECT 1::BIGINT AS id, 0.5::DOUBLE AS prediction");
      store.commit(commit(SCORES, SCHEMA, Mode.OVERWRITE, List.of(file)));
    }

    assertThat(rowsNow()).containsExactly(List.of(1L, 0.5));
    // Other tools take names that start so for no files of the table.
    assertThat(one.getFileName().toString()).doesNotStartWith(".").doesNotStartWith("_");
  }

  @Test
  void filesLeftByWritersWhoGaveUpAreCleanedAwayAndNoOthers() throws IOException {
    write(Mode.OVERWRITE, "(1, 0.5)");
    write(Mode.OVERWRITE, "(2, 0.5)");
    StagedFile alive = scores("(3, 0.5)");
    StagedFile dead;
    try (StagingArea gone = store.openStaging(SCORES)) {
      dead = stage(gone.folder(), "SELECT 4::BIGINT AS id, 0.5::DOUBLE AS prediction");
    }
    List<String> told = List.of(dead.file().toString());

    assertThat(store.clean(SCORES, true)).isEqualTo(told);
    assertThat(dead.file()).exists();
    assertThat(store.clean(SCORES, false)).isEqualTo(told);
    assertThat(dead.file()).doesNotExist();
    assertThat(dead.file().getParent()).doesNotExist();
    assertThat(store.clean(SCORES, false)).isEmpty();

    assertThat(store.commit(commit(SCORES, SCHEMA, Mode.APPEND, List.of(alive)))).isEqualTo(2);
    closeAreas();
    assertThat(store.clean(SCORES, false)).isEmpty();
    assertThat(rowsNow()).containsExactlyInAnyOrder(List.of(2L, 0.5), List.of(3L, 0.5));
    assertThat(rows(store.snapshot(SCORES, 0))).containsExactly(List.of(1L, 0.5));
  }

  @Test
  void filesLeftByTheFirstRunAreCleanedAwayThoughThereIsNoTableYet() {
    StagedFile dead = scores("(1, 0.5)");
    closeAreas();

    assertThat(store.clean(SCORES, false)).containsExactly(dead.file().toString());
    assertThat(dead.file()).doesNotExist();
    assertThat(store.exists(SCORES)).isFalse();
  }

  private void closeAreas() {
    areas.forEach(StagingArea::close);
    areas.clear();
  }

  private List<List<@Nullable Object>> brought(long after, long until) {
    return rows(
        store.snapshot(SCORES, until).withFiles(store.changes(SCORES, after, until).files()));
  }

  @Test
  void changesAreTheFilesAddedBetweenTwoVersions() {
    write(Mode.OVERWRITE, "(1, 0.1)");
    write(Mode.APPEND, "(2, 0.2)");
    write(Mode.APPEND, "(3, 0.3)");

    assertThat(brought(-1, 0)).containsExactly(List.of(1L, 0.1));
    assertThat(brought(0, 2)).containsExactly(List.of(2L, 0.2), List.of(3L, 0.3));
    assertThat(store.changes(SCORES, 0, 2).rowsRemoved()).isFalse();
    assertThat(store.changes(SCORES, 2, 2).isEmpty()).isTrue();
  }

  @Test
  void changesTellThatRowsWereReplaced() {
    write(Mode.OVERWRITE, "(1, 0.1)");
    write(Mode.APPEND, "(2, 0.2)");
    TableSnapshot read = store.snapshot(SCORES);
    Set<String> all = Set.of(read.files().get(0).path(), read.files().get(1).path());
    store.commit(replacement(read, all, List.of(scores("(3, 0.3)")), Map.of()));

    assertThat(brought(0, 2)).containsExactly(List.of(3L, 0.3));
    assertThat(store.changes(SCORES, 0, 2).rowsRemoved()).isTrue();
    store.commit(replacement(store.snapshot(SCORES), Set.of(), List.of(), Map.of("state", "1")));
    assertThat(store.changes(SCORES, 2, 3).isEmpty()).isTrue();
  }

  @Test
  void changesOfVersionsThatAreNotThereAreRefused() {
    write(Mode.OVERWRITE, "(1, 0.1)");

    assertThatThrownBy(() -> store.changes(SCORES, 0, 4))
        .hasMessageContaining("no version 4")
        .hasMessageContaining("0 to 0");
    ScorebatchException failure =
        catchThrowableOfType(ScorebatchException.class, () -> store.changes(SCORES, 7, 0));
    assertThat(failure.problem().code()).isEqualTo(ErrorCode.TABLE_VERSION_NOT_FOUND);
    assertThat(failure).hasMessageContaining("The table was made anew");
  }
}
