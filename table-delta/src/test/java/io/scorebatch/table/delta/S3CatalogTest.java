package io.scorebatch.table.delta;

import static io.scorebatch.table.delta.TableCommits.append;
import static io.scorebatch.table.delta.TableCommits.overwrite;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.sun.net.httpserver.Headers;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import io.scorebatch.testing.FakeServer;
import io.scorebatch.testing.ServerProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class S3CatalogTest {
  private static final TableName TABLE = new TableName("main", "ml", "scores");
  private static final Schema SCHEMA = Schema.of(Column.of("id", Primitive.LONG));

  @TempDir static Path server;
  private static ServerProcess store;

  @TempDir Path folder;
  private final String root = "s3://" + S3Store.BUCKET + "/" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    store = S3Store.start(S3CatalogTest.class, server);
  }

  @AfterAll
  static void stop() {
    store.close();
  }

  private TableStore open(String address, String... more) {
    return S3Store.open(address, root, folder, more);
  }

  private static StagedFile ids(TableStore catalog, int from, int to) {
    return ParquetFiles.stage(
        catalog.openStaging(TABLE).folder(),
        "SELECT range AS id FROM range(" + from + ", " + to + ")");
  }

  private static List<Object> ids(TableStore catalog) {
    return ParquetFiles.rows(catalog.materialize(catalog.snapshot(TABLE))).stream()
        .<Object>map(row -> row.get(0))
        .sorted()
        .toList();
  }

  private List<String> keys() {
    try (S3Files files = S3Store.files(store.address(), folder)) {
      return files.files(root + "/main/ml/scores", 100).stream()
          .map(file -> file.getPath().substring(file.getPath().lastIndexOf('/') + 1))
          .toList();
    }
  }

  private static List<Path> below(Path place) throws IOException {
    if (!Files.isDirectory(place)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.walk(place)) {
      return paths.filter(Files::isRegularFile).toList();
    }
  }

  @Test
  void keepsFilesThatWereFetchedForTheNextRun() throws IOException {
    try (TableStore catalog = open(store.address())) {
      catalog.commit(overwrite(TABLE, SCHEMA, ids(catalog, 0, 2)));
      catalog.commit(append(TABLE, SCHEMA, ids(catalog, 2, 3)));
      assertThat(ids(catalog)).containsExactly(0L, 1L, 2L);
    }
    try (S3Proxy proxy = new S3Proxy(store.address());
        TableStore catalog = open(proxy.address())) {
      assertThat(ids(catalog)).containsExactly(0L, 1L, 2L);
      assertThat(ids(catalog)).containsExactly(0L, 1L, 2L);
      assertThat(proxy.requests())
          .noneMatch(request -> request.startsWith("GET") && request.endsWith(".parquet"))
          .filteredOn(request -> request.startsWith("HEAD") && request.endsWith(".parquet"))
          .hasSize(2);
    }
    assertThat(below(folder.resolve("cache/tables/files"))).hasSize(2);
    assertThat(below(folder.resolve("cache/tables/partial"))).isEmpty();
    assertThat(below(folder.resolve("cache/tables/leases"))).isEmpty();
    assertThat(below(folder.resolve("cache/staging")))
        .allMatch(file -> file.getFileName().toString().endsWith(".lock"));
  }

  @Test
  void fetchesNothingForASnapshotThatIsNotScanned() {
    try (S3Proxy proxy = new S3Proxy(store.address());
        TableStore catalog = open(proxy.address())) {
      catalog.commit(overwrite(TABLE, SCHEMA, ids(catalog, 0, 2)));
      TableSnapshot snapshot = catalog.snapshot(TABLE);

      assertThat(snapshot.rows()).hasValue(2);
      assertThat(snapshot.files()).extracting(DataFile::path).allMatch(p -> p.startsWith(root));
      assertThat(proxy.requests())
          .noneMatch(request -> request.startsWith("GET") && request.endsWith(".parquet"));
    }
  }

  @Test
  void removesWhatWasUsedLongestAgoToStayWithinItsBound() throws IOException {
    long size;
    try (TableStore catalog = open(store.address())) {
      StagedFile first = ids(catalog, 0, 2);
      size = first.sizeBytes();
      catalog.commit(overwrite(TABLE, SCHEMA, first));
    }
    String bound = Long.toString(size + size / 2);
    for (int version = 1; version < 4; version++) {
      try (TableStore catalog = open(store.address(), "SCOREBATCH_TABLE_CACHE_BYTES", bound)) {
        assertThat(ids(catalog)).hasSize(2);
        catalog.commit(overwrite(TABLE, SCHEMA, ids(catalog, 2 * version, 2 * version + 2)));
      }
      assertThat(below(folder.resolve("cache/tables/files"))).hasSize(1);
    }
  }

  @Test
  void neverRemovesAFileThatIsInUse() {
    try (TableStore first = open(store.address())) {
      StagedFile file = ids(first, 0, 2);
      first.commit(overwrite(TABLE, SCHEMA, file));
      TableSnapshot held = first.materialize(first.snapshot(TABLE));
      first.commit(overwrite(TABLE, SCHEMA, ids(first, 2, 4)));

      try (TableStore second =
          open(
              store.address(),
              "SCOREBATCH_TABLE_CACHE_BYTES",
              Long.toString(file.sizeBytes() + 10))) {
        assertThatThrownBy(() -> second.materialize(second.snapshot(TABLE)))
            .isInstanceOf(ScorebatchException.class)
            .hasMessageContaining("cache/tables")
            .hasMessageContaining("at most " + (file.sizeBytes() + 10) + " are allowed")
            .hasMessageContaining("SCOREBATCH_TABLE_CACHE_BYTES");
      }
      assertThat(ParquetFiles.rows(held)).hasSize(2);
    }
  }

  @Test
  void goesOnWithADataFileWhereTheConnectionBroke() {
    try (TableStore catalog = open(store.address())) {
      catalog.commit(overwrite(TABLE, SCHEMA, ids(catalog, 0, 50_000)));
    }
    AtomicInteger broken = new AtomicInteger();
    List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    try (S3Proxy proxy =
            new S3Proxy(store.address()) {
              @Override
              int sent(String method, String path, int length) {
                boolean breaks =
                    method.equals("GET")
                        && path.endsWith(".parquet")
                        && broken.getAndIncrement() < 2;
                return breaks ? length / 3 : length;
              }

              @Override
              void headers(String method, String path, Headers headers) {
                if (method.equals("GET") && path.endsWith(".parquet")) {
                  ranges.add(String.valueOf(headers.getFirst("Range")));
                }
              }
            };
        TableStore catalog = open(proxy.address())) {
      assertThat(ids(catalog)).hasSize(50_000).startsWith(0L).endsWith(49_999L);
    }
    assertThat(ranges).hasSize(3).first().isEqualTo("null");
    // How much of a broken answer arrives is the network's choice; it may be nothing.
    assertThat(ranges.subList(1, 3)).allMatch(range -> range.matches("bytes=[0-9]+-|null"));
  }

  @Test
  void neverRemovesAFileThatAnotherProcessUses() throws Exception {
    StagedFile file;
    try (TableStore catalog = open(store.address())) {
      file = ids(catalog, 0, 2);
      catalog.commit(overwrite(TABLE, SCHEMA, file));
    }
    String[] bound = {
      "SCOREBATCH_TABLE_CACHE_BYTES", Long.toString(file.sizeBytes() + file.sizeBytes() / 2)
    };
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                classPath,
                Holds.class.getName(),
                store.address(),
                root,
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader answers = other.inputReader()) {
      assertThat(answers.readLine()).startsWith(folder.toString());
      try (TableStore catalog = open(store.address(), bound)) {
        catalog.commit(overwrite(TABLE, SCHEMA, ids(catalog, 2, 4)));
        assertThatThrownBy(() -> ids(catalog)).hasMessageContaining("is too small");
      }
      other.destroyForcibly();
      other.waitFor();
      // What a killed process held is free again.
      try (TableStore catalog = open(store.address(), bound)) {
        assertThat(ids(catalog)).containsExactly(2L, 3L);
      }
      assertThat(below(folder.resolve("cache/tables/files"))).hasSize(1);
    } finally {
      other.destroyForcibly();
    }
  }

  /** Brings a table's file here and keeps it until it is killed. */
  static final class Holds {
    private Holds() {}

    public static void main(String[] arguments) throws InterruptedException {
      try (TableStore catalog = S3Store.open(arguments[0], arguments[1], Path.of(arguments[2]))) {
        System.out.println(catalog.materialize(catalog.snapshot(TABLE)).files().get(0).path());
        Thread.sleep(600_000);
      }
    }
  }

  @Test
  void takesACommitWhoseAnswerWasLostForItsOwn() {
    AtomicInteger lost = new AtomicInteger();
    try (S3Proxy proxy =
            new S3Proxy(store.address()) {
              @Override
              int status(String method, String path, int status) {
                return method.equals("PUT")
                        && path.endsWith("00000000000000000001.json")
                        && lost.getAndIncrement() == 0
                    ? 500
                    : status;
              }
            };
        TableStore catalog = open(proxy.address())) {
      catalog.commit(overwrite(TABLE, SCHEMA, ids(catalog, 0, 2)));

      // The SDK asks again and is told that the name is taken.
      assertThat(catalog.commit(append(TABLE, SCHEMA, ids(catalog, 2, 3)))).isEqualTo(1);

      assertThat(lost.get()).isEqualTo(2);
      assertThat(ids(catalog)).containsExactly(0L, 1L, 2L);
      assertThat(catalog.snapshot(TABLE).version()).isEqualTo(1);
    }
  }

  @Test
  void refusesAStoreThatLetsOneWriterWipeOutAnother() {
    try (S3Proxy proxy =
            new S3Proxy(store.address()) {
              @Override
              boolean passes(String header) {
                return !header.equalsIgnoreCase("if-none-match");
              }
            };
        TableStore catalog = open(proxy.address())) {
      ScorebatchException failure =
          catchThrowableOfType(
              ScorebatchException.class,
              () -> catalog.commit(overwrite(TABLE, SCHEMA, ids(catalog, 0, 2))));

      assertThat(failure.problem().code()).isEqualTo(ErrorCode.TABLE_NOT_WRITABLE);
      assertThat(failure).hasMessageContaining("does not heed 'If-None-Match: *'");
      assertThat(catalog.exists(TABLE)).isFalse();
      assertThat(keys()).isEmpty();
    }
  }

  @Test
  void leavesNoFilesOfACommitThatWasRefused() {
    try (S3Proxy proxy =
            new S3Proxy(store.address()) {
              @Override
              String query(String method, String path, String query) {
                // A version that goes to a bucket that is not there.
                return method.equals("PUT") && path.endsWith("0.json") ? "acl=none" : query;
              }

              @Override
              int status(String method, String path, int status) {
                return method.equals("PUT") && path.endsWith("0.json") ? 403 : status;
              }
            };
        TableStore catalog = open(proxy.address())) {
      StagedFile staged = ids(catalog, 0, 2);

      assertThatThrownBy(() -> catalog.commit(overwrite(TABLE, SCHEMA, staged)))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("cannot be written")
          .hasMessageContaining("It refused the key of AWS_ACCESS_KEY_ID with 403")
          .hasMessageNotContaining("s3cret");

      assertThat(proxy.requests())
          .anyMatch(request -> request.startsWith("PUT") && request.endsWith(".parquet"));
      assertThat(keys()).isEmpty();
      assertThat(staged.file()).exists();
    }
  }

  @Test
  void saysThatADataFileIsGone() throws IOException {
    try (TableStore catalog = open(store.address())) {
      catalog.commit(overwrite(TABLE, SCHEMA, ids(catalog, 0, 2)));
      TableSnapshot snapshot = catalog.snapshot(TABLE);
      try (S3Files files = S3Store.files(store.address(), folder)) {
        assertThat(files.delete(snapshot.files().get(0).path())).isTrue();
      }

      assertThatThrownBy(() -> catalog.materialize(snapshot))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("A data file of version 0 of table main.ml.scores")
          .hasMessageContaining(snapshot.files().get(0).path() + " does not exist")
          .hasMessageContaining("vacuumed");
    }
  }

  @Test
  void saysThatABucketIsMissingAndThatCredentialsAreRefusedWithoutShowingThem() {
    try (TableStore catalog = S3Store.open(store.address(), "s3://nowhere/lake", folder)) {
      assertThatThrownBy(() -> catalog.snapshot(TABLE))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("The object store at s3://nowhere/lake")
          .hasMessageContaining("404 (NoSuchBucket)");
    }
    try (FakeServer refusing = new FakeServer();
        TableStore catalog = open(refusing.address())) {
      refusing.on(
          "/" + S3Store.BUCKET,
          exchange ->
              exchange.bytes(
                  403,
                  "<Error><Code>InvalidAccessKeyId</Code><Message>s3cret</Message></Error>"
                      .getBytes(StandardCharsets.UTF_8)));
      assertThatThrownBy(() -> catalog.snapshot(TABLE))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining(
              "It refused the key of AWS_ACCESS_KEY_ID with 403 (InvalidAccessKeyId)")
          .hasMessageNotContaining("s3cret");
    }
  }

  @Test
  void namesTheStoresItCannotReach() {
    for (String where : List.of("abfss://c@a.dfs.core.windows.net/lake", "gs://lake/tables")) {
      assertThatThrownBy(() -> S3Store.open(store.address(), where, folder))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("'" + where + "' cannot be opened")
          .hasMessageContaining("copy the tables to a folder or to such a store");
    }
  }
}
