package io.scorebatch.table.delta;

import static io.scorebatch.table.delta.TableCommits.append;
import static io.scorebatch.table.delta.TableCommits.overwrite;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DirectoryCatalogTest {
  private static final TableName TABLE = new TableName("main", "ml", "scores");
  private static final Schema SCHEMA = Schema.of(Column.of("id", Primitive.LONG));

  @TempDir Path root;

  private static void write(DirectoryCatalog catalog, TableName table, int commits) {
    for (int i = 0; i < commits; i++) {
      try (StagingArea staging = catalog.openStaging(table)) {
        catalog.commit(append(table, SCHEMA, id(staging.folder(), i)));
      }
    }
  }

  private static StagedFile id(DirectoryCatalog catalog, TableName table, int id) {
    return id(catalog.openStaging(table).folder(), id);
  }

  private static StagedFile id(Path folder, int id) {
    return ParquetFiles.stage(folder, "SELECT " + id + "::BIGINT AS id");
  }

  /** What a clean-up of old log entries does: from then on only a checkpoint has them. */
  private static void deleteFirstTenVersions(Path table) throws IOException {
    for (int version = 0; version < 10; version++) {
      Files.delete(table.resolve("_delta_log/0000000000000000000" + version + ".json"));
    }
  }

  @Test
  void catalogThatDoesNotExistYetIsEmpty() {
    DirectoryCatalog catalog = DirectoryCatalog.open(root.resolve("not/yet"));

    assertThat(catalog.list()).isEmpty();
    assertThat(catalog.exists(TABLE)).isFalse();
    assertThatThrownBy(() -> catalog.snapshot(TABLE))
        .hasMessageContaining("Table main.ml.scores does not exist")
        .hasMessageContaining("not/yet holds no tables");
  }

  @Test
  void tablesAreListedByNameAndNothingElseIs() throws IOException {
    DirectoryCatalog catalog = DirectoryCatalog.open(root);
    write(catalog, new TableName("main", "ml", "b"), 1);
    write(catalog, new TableName("main", "ml", "a"), 1);
    write(catalog, new TableName("dev", "x", "c"), 1);
    Files.createDirectories(root.resolve("main/ml/plain"));
    Files.createDirectories(root.resolve("main/ml/empty/_delta_log"));
    Files.createDirectories(root.resolve("main/.hidden/t/_delta_log"));
    Files.writeString(root.resolve("main/README"), "text");

    assertThat(catalog.list())
        .extracting(TableName::toString)
        .containsExactly("dev.x.c", "main.ml.a", "main.ml.b");
  }

  @Test
  void folderWithoutLogIsNoTableAndTheMessageSaysSo() throws IOException {
    Files.createDirectories(root.resolve("main/ml/scores"));
    Files.writeString(root.resolve("main/ml/scores/part-0.parquet"), "");

    assertThatThrownBy(() -> DirectoryCatalog.open(root).snapshot(TABLE))
        .hasMessageContaining("main.ml.scores is no Delta table")
        .hasMessageContaining("has no _delta_log");
  }

  @Test
  void foldersThatDifferInCaseAloneAreAmbiguousUnlessSpelledExactly() {
    DirectoryCatalog catalog = DirectoryCatalog.open(root);
    write(catalog, new TableName("main", "ml", "Scores"), 1);
    root.resolve("main/ml/SCORES").toFile().mkdirs();

    assertThat(catalog.snapshot(new TableName("main", "ml", "Scores")).rows()).hasValue(1);
    assertThatThrownBy(() -> catalog.snapshot(TABLE))
        .hasMessageContaining("main.ml.scores is ambiguous")
        .hasMessageContaining("SCORES")
        .hasMessageContaining("Scores");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b", "50%", "it's", "[x]*?", "ünï", "a+b&c=d", "%20", "#1"})
  void anyFolderNameWorksWithAndWithoutCheckpoint(String name) throws IOException {
    DirectoryCatalog catalog = DirectoryCatalog.open(root.resolve(name));
    TableName table = new TableName("main", name, "t");
    write(catalog, table, 12);

    TableSnapshot snapshot = catalog.snapshot(table);
    assertThat(snapshot.rows()).hasValue(12);
    assertThat(snapshot.files()).allMatch(file -> Files.exists(Path.of(file.path())));
    deleteFirstTenVersions(root.resolve(name).resolve("main").resolve(name).resolve("t"));
    assertThat(catalog.snapshot(table)).isEqualTo(snapshot);
    assertThat(catalog.list()).containsExactly(table);
  }

  @Test
  void stagedFilesMayLieInFoldersAndHaveAnyName() throws IOException {
    DirectoryCatalog catalog = DirectoryCatalog.open(root);
    Path folder =
        Files.createDirectories(catalog.openStaging(TABLE).folder().resolve("run 1/10:00 50%"));
    StagedFile file = ParquetFiles.stage(folder, "SELECT 1::BIGINT AS id");
    catalog.commit(overwrite(TABLE, SCHEMA, file));

    assertThat(catalog.snapshot(TABLE).files().get(0).path()).isEqualTo(file.file().toString());
    assertThat(ParquetFiles.rows(catalog.snapshot(TABLE))).containsExactly(List.of(1L));
  }

  @Test
  void tableMovesWithItsFolder() throws IOException {
    write(DirectoryCatalog.open(root.resolve("here")), TABLE, 1);
    Files.move(root.resolve("here"), root.resolve("there"));

    TableSnapshot moved = DirectoryCatalog.open(root.resolve("there")).snapshot(TABLE);
    assertThat(ParquetFiles.rows(moved)).containsExactly(List.of(0L));
  }

  @Test
  void nothingButLogAndStagedFilesIsLeftInTheFolder() throws IOException {
    DirectoryCatalog catalog = DirectoryCatalog.open(root);
    write(catalog, TABLE, 11);

    try (Stream<Path> files = Files.walk(root)) {
      assertThat(files.filter(Files::isRegularFile).map(file -> file.getFileName().toString()))
          .allMatch(
              name ->
                  name.matches("part-.*\\.parquet|\\d{20}\\.json|_last_checkpoint")
                      || name.equals("00000000000000000010.checkpoint.parquet"));
    }
  }

  @Test
  void checkpointAloneIsEnough() throws IOException {
    DirectoryCatalog catalog = DirectoryCatalog.open(root);
    write(catalog, TABLE, 12);
    deleteFirstTenVersions(root.resolve("main/ml/scores"));

    TableSnapshot snapshot = catalog.snapshot(TABLE);
    assertThat(snapshot.rows()).hasValue(12);
    assertThat(snapshot.schema()).isEqualTo(SCHEMA);
    Files.createFile(root.resolve("main/ml/scores/_delta_log/00000000000000000009.json"));
    assertThatThrownBy(() -> catalog.snapshot(TABLE, 9))
        .hasMessageContaining("no version 9")
        .hasMessageContaining("10 to 11");
  }

  @Test
  void longLogIsReadFromItsCheckpoint() throws IOException {
    DirectoryCatalog catalog = DirectoryCatalog.open(root);
    write(catalog, TABLE, 1);
    Path log = root.resolve("main/ml/scores/_delta_log");
    for (int version = 1; version < 120; version++) {
      Files.writeString(
          log.resolve(String.format(Locale.ROOT, "%020d.json", version)),
          "{\"commitInfo\":{\"timestamp\":1}}");
    }
    catalog.commit(append(TABLE, SCHEMA, id(catalog, TABLE, 1)));
    catalog.commit(append(TABLE, SCHEMA, id(catalog, TABLE, 2)));

    assertThat(log.resolve("00000000000000000120.checkpoint.parquet")).exists();
    assertThat(catalog.snapshot(TABLE).version()).isEqualTo(121);
    assertThat(ParquetFiles.rows(catalog.snapshot(TABLE)))
        .containsExactlyInAnyOrder(List.of(0L), List.of(1L), List.of(2L));
    assertThat(catalog.snapshot(TABLE, 57).rows()).hasValue(1);
  }

  @Test
  void fileThatChangedSinceItWasStagedIsRefused() throws IOException {
    DirectoryCatalog catalog = DirectoryCatalog.open(root);
    StagedFile file = id(catalog, TABLE, 1);
    Files.write(file.file(), new byte[] {1, 2, 3});

    assertThatThrownBy(() -> catalog.commit(overwrite(TABLE, SCHEMA, file)))
        .hasMessageContaining("has 3 bytes instead of " + file.sizeBytes());
    Files.delete(file.file());
    assertThatThrownBy(() -> catalog.commit(overwrite(TABLE, SCHEMA, file)))
        .hasMessageContaining(file.file().toString())
        .hasMessageContaining("cannot be read");
    assertThat(catalog.exists(TABLE)).isFalse();
  }

  @Test
  void fileWhereTheTableShouldBeIsReported() throws IOException {
    Files.createDirectories(root.resolve("main/ml"));
    Files.writeString(root.resolve("main/ml/scores"), "not a folder");
    DirectoryCatalog catalog = DirectoryCatalog.open(root);

    assertThatThrownBy(() -> catalog.openStaging(TABLE).folder())
        .hasMessageContaining("Table main.ml.scores cannot be written");
    assertThatThrownBy(() -> catalog.checkWritable(TABLE, SCHEMA, Mode.OVERWRITE))
        .hasMessageContaining("Table main.ml.scores cannot be written");
    assertThat(catalog.exists(TABLE)).isFalse();
  }

  @Test
  void shortLogIsReadWithoutDuckDbThoughItHasACheckpoint() throws Exception {
    write(DirectoryCatalog.open(root), TABLE, 12);
    List<URL> jars = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      if (!entry.contains("duckdb")) {
        jars.add(Path.of(entry).toUri().toURL());
      }
    }
    try (URLClassLoader without =
        new URLClassLoader(jars.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
      assertThatThrownBy(() -> without.loadClass("org.duckdb.DuckDBDriver"))
          .isInstanceOf(ClassNotFoundException.class);
      Class<?> type = without.loadClass(DirectoryCatalog.class.getName());
      Object catalog = type.getMethod("open", Path.class).invoke(null, root);
      Object name =
          without
              .loadClass(TableName.class.getName())
              .getConstructor(String.class, String.class, String.class)
              .newInstance("main", "ml", "scores");
      Object snapshot = type.getMethod("snapshot", name.getClass()).invoke(catalog, name);
      assertThat(snapshot.getClass().getMethod("version").invoke(snapshot)).isEqualTo(11L);
    }
  }

  private static void committedAt(Path table, long version, String moment) throws IOException {
    Files.setLastModifiedTime(
        table.resolve(String.format(Locale.ROOT, "_delta_log/%020d.json", version)),
        FileTime.from(Instant.parse(moment)));
  }

  /** Field reports 89 and 94: nothing written after the moment is seen, its own commit is. */
  @Test
  void aMomentIsTheNewestVersionNotAfterIt() throws IOException {
    DirectoryCatalog catalog = DirectoryCatalog.open(root);
    write(catalog, TABLE, 3);
    Path table = root.resolve("main/ml/scores");
    committedAt(table, 0, "2024-03-09T10:00:00Z");
    committedAt(table, 1, "2024-03-10T10:00:00Z");
    committedAt(table, 2, "2024-03-11T10:00:00Z");

    assertThat(versionAt(catalog, "2024-03-09T10:00:00Z")).isZero();
    assertThat(versionAt(catalog, "2024-03-10T09:59:59.999999Z")).isZero();
    assertThat(versionAt(catalog, "2024-03-10T10:00:00Z")).isEqualTo(1);
    assertThat(versionAt(catalog, "2030-01-01T00:00:00Z")).isEqualTo(2);
    assertThatThrownBy(() -> versionAt(catalog, "2024-03-09T09:59:59.999999Z"))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(
            "SB-0411 Table main.ml.scores has no version as of 2024-03-09T09:59:59.9")
        .hasMessageContaining(
            "Its log goes from version 0 (2024-03-09T10:00:00Z) to version 2"
                + " (2024-03-11T10:00:00Z).");
  }

  private static long versionAt(DirectoryCatalog catalog, String moment) {
    return catalog.snapshot(TABLE, Instant.parse(moment)).version();
  }

  @Test
  void asOfIsAVersionOrAMoment() {
    assertThat(AsOf.parse("12")).isEqualTo(new AsOf.Version(12));
    for (String text :
        new String[] {"2024-03-10T10:00:00Z", "2024-03-10 10:00", "2024-03-10T12:00:00+02:00"}) {
      assertThat(AsOf.parse(text))
          .isEqualTo(new AsOf.Moment(Instant.parse("2024-03-10T10:00:00Z")));
    }
    assertThat(AsOf.parse("2024-03-10"))
        .isEqualTo(new AsOf.Moment(Instant.parse("2024-03-10T00:00:00Z")));
    for (String text : new String[] {"yesterday", "2024-13-01", "-1", "2024-02-30T00:00:00Z"}) {
      assertThatThrownBy(() -> AsOf.parse(text))
          .hasMessageContaining("'" + text + "' is neither a version nor a moment.");
    }
  }

  @Test
  void aRelativePlaceStartsFromTheFolderItIsNamedIn() {
    assertThat(
            Stream.of("./lake", "/abs", "s3://b/lake", "uc:http://h", "databricks", "file:///f")
                .map(where -> DeltaCatalogs.absolute(where, Path.of("/base"))))
        .containsExactly(
            "/base/lake", "/abs", "s3://b/lake", "uc:http://h", "databricks", "file:///f");
  }
}
