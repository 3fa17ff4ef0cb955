package io.scorebatch.table.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableChanges;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that Spark made; what is in them is said in each fixture's README. */
class SparkTablesTest {
  @TempDir Path root;

  private DirectoryCatalog catalog;

  @BeforeEach
  void openCatalog() {
    catalog = DirectoryCatalog.open(root);
  }

  /** Copies a fixture into the catalog: a test may write to it. */
  private TableName fixture(String name) throws IOException {
    Path source = Path.of("src/test/resources/fixtures", name, "table");
    Path target = Files.createDirectories(root.resolve("main/spark")).resolve(name);
    try (Stream<Path> files = Files.walk(source)) {
      files.forEach(
          file -> {
            try {
              Files.copy(file, target.resolve(source.relativize(file).toString()));
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    }
    return new TableName("main", "spark", name);
  }

  @Test
  void columnsMappedByNameAreFoundUnderTheirPhysicalNames() throws IOException {
    TableSnapshot snapshot = catalog.snapshot(fixture("mapped-by-name"));

    assertThat(snapshot.schema())
        .isEqualTo(
            Schema.of(
                Column.of("id", Primitive.LONG).required().withComment("who"),
                Column.of("cost", Primitive.DOUBLE),
                Column.of("day", Primitive.DATE),
                Column.of("note", Primitive.STRING)));
    assertThat(snapshot.columns())
        .extracting(StoredColumn::physicalName)
        .allMatch(name -> name.startsWith("col-"));
    assertThat(snapshot.columns()).allMatch(column -> column.fieldId().isEmpty());
    assertThat(snapshot.comment()).isEqualTo("costs per day");
    assertThat(snapshot.properties()).containsEntry("team", "finance");
    assertThat(snapshot.partitionColumns()).containsExactly("day");
    assertThat(snapshot.files())
        .extracting(file -> file.partitionValues().get("day"))
        .containsExactlyInAnyOrder("2024-01-01", "2024-01-02", null);
  }

  @Test
  void rowsOfADeletionVectorAreLeftOut() throws IOException {
    TableName table = fixture("mapped-by-name");
    TableSnapshot snapshot = catalog.snapshot(table);

    DataFile file =
        snapshot.files().stream().filter(f -> f.deleted().isPresent()).findFirst().orElseThrow();
    assertThat(file.rows()).hasValue(310);
    assertThat(file.deleted().orElseThrow().count()).isEqualTo(50);
    assertThat(file.deleted().orElseThrow().positions()).containsExactly(range(50));
    assertThat(snapshot.rows()).hasValue(262);
    assertThat(ParquetFiles.rows(snapshot)).hasSize(262);
    assertThat(catalog.snapshot(table, 4).rows()).hasValue(312);
  }

  private static Long[] range(int end) {
    return LongStream.range(0, end).boxed().toArray(Long[]::new);
  }

  @Test
  void missingDeletionVectorIsAnErrorAndNeverIgnored() throws IOException {
    TableName table = fixture("mapped-by-name");
    try (Stream<Path> files = Files.walk(root)) {
      for (Path vector : files.filter(f -> f.toString().endsWith(".bin")).toList()) {
        Files.delete(vector);
      }
    }
    TableSnapshot snapshot = catalog.snapshot(table);

    assertThatThrownBy(() -> ParquetFiles.rows(snapshot))
        .hasMessageContaining("Deletion vector")
        .hasMessageContaining("main.spark.mapped-by-name")
        .hasMessageContaining("deleted rows would come back");
  }

  @Test
  void columnsMappedByIdCarryTheirFieldIds() throws IOException {
    TableSnapshot snapshot = catalog.snapshot(fixture("mapped-by-id"));

    assertThat(snapshot.schema().names()).containsExactly("id", "new_name");
    assertThat(snapshot.columns())
        .extracting(column -> column.fieldId().getAsInt())
        .containsExactly(1, 2);
    assertThat(ParquetFiles.rows(snapshot))
        .containsExactly(
            List.of(1L, "a"),
            List.of(2L, "b"),
            List.of(3L, "c"),
            List.of(4L, "d"),
            List.of(5L, "e"));
  }

  @Test
  void partitionValuesHaveOneFormWhateverTheWriter() throws IOException {
    TableSnapshot snapshot = catalog.snapshot(fixture("partition-values"));

    assertThat(snapshot.partitionColumns()).containsExactly("at", "price", "the kind");
    assertThat(snapshot.files())
        .extracting(file -> List.copyOf(textOf(file)))
        .containsExactlyInAnyOrder(
            List.of("2024-03-10T10:00:00.000000Z", "5.00", "a b/c%d"),
            List.of("2024-03-10T10:00:00.000000Z", "-0.50", "plain"),
            List.of("null", "null", "null"));
    assertThat(snapshot.files()).allMatch(file -> Files.exists(Path.of(file.path())));
    assertThat(ParquetFiles.rows(snapshot)).extracting(row -> row.get(0)).contains(1, 2, 3);
    assertThat(ParquetFiles.rows(snapshot)).contains(Arrays.asList(3, null, null, null));
  }

  private static List<String> textOf(DataFile file) {
    return Stream.of("at", "price", "the kind")
        .map(column -> String.valueOf(file.partitionValues().get(column)))
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"checkpoint-v2", "checkpoint-multipart"})
  void everyKindOfCheckpointIsRead(String name) throws IOException {
    TableName table = fixture(name);
    TableSnapshot snapshot = catalog.snapshot(table);

    assertThat(snapshot.version()).isEqualTo(12);
    assertThat(snapshot.rows()).hasValue(12);
    assertThat(ParquetFiles.rows(snapshot))
        .extracting(row -> row.get(0))
        .containsExactlyInAnyOrder(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    assertThat(catalog.snapshot(table, 10).rows()).hasValue(10);
    assertThatThrownBy(() -> catalog.snapshot(table, 3))
        .hasMessageContaining("no version 3")
        .hasMessageContaining("10 to 12");
  }

  @ParameterizedTest
  @ValueSource(strings = {"mapped-by-name", "mapped-by-id"})
  void mappedTargetsAreRefusedBeforeScoring(String name) throws IOException {
    TableName table = fixture(name);
    Schema schema = catalog.snapshot(table).schema();

    for (Mode mode : Mode.values()) {
      assertThatThrownBy(() -> catalog.checkWritable(table, schema, mode))
          .hasMessageContaining("column mapping (delta.columnMapping.mode=")
          .hasMessageContaining("write to a new table");
    }
  }

  @Test
  void rowTrackingIsKeptUp() throws IOException {
    TableName table = fixture("row-tracking");
    Schema schema = catalog.snapshot(table).schema();
    assertThat(catalog.snapshot(table).rows()).hasValue(15);
    for (Mode mode : List.of(Mode.OVERWRITE, Mode.APPEND)) {
      assertThat(catalog.checkWritable(table, schema, mode)).isEqualTo(schema);
      StagedFile file =
          ParquetFiles.stage(
              catalog.openStaging(table).folder(), "SELECT * FROM range(7) AS r(id)");
      catalog.commit(
          mode == Mode.OVERWRITE
              ? TableCommits.overwrite(table, schema, file)
              : TableCommits.append(table, schema, file));
    }

    assertThat(catalog.snapshot(table).rows()).hasValue(14);
    Path log = root.resolve("main/spark/row-tracking/_delta_log");
    assertThat(Files.readString(log.resolve("00000000000000000003.json")))
        .contains("\"baseRowId\":20")
        .contains("\"inCommitTimestamp\"");
    assertThat(Files.readString(log.resolve("00000000000000000004.json")))
        .contains("\"baseRowId\":27");
  }

  @Test
  void tableWithV2CheckpointsIsWrittenOn() throws IOException {
    TableName table = fixture("checkpoint-v2");
    Schema schema = catalog.snapshot(table).schema();
    for (int id = 12; id < 24; id++) {
      catalog.commit(
          TableCommits.append(
              table,
              schema,
              ParquetFiles.stage(
                  catalog.openStaging(table).folder(), "SELECT " + id + "::INTEGER AS id")));
    }

    assertThat(catalog.snapshot(table).version()).isEqualTo(24);
    assertThat(catalog.snapshot(table).rows()).hasValue(24);
  }

  /** Ids with costs, "3 1.0", of the rows that versions have brought. */
  private List<String> brought(TableName table, long after, long until) {
    TableSnapshot all = catalog.snapshot(table, until);
    return ParquetFiles.rows(all.withFiles(catalog.changes(table, after, until).files())).stream()
        .map(row -> row.get(0) + " " + row.get(1))
        .sorted()
        .toList();
  }

  private static List<String> ids(int from, int until) {
    return IntStream.range(from, until).mapToObj(id -> id + " 1.0").sorted().toList();
  }

  private static List<String> both(List<String> some, String... others) {
    return Stream.concat(some.stream(), Stream.of(others)).sorted().toList();
  }

  @Test
  void changesAreTheRowsInsertedUpdatedAndRestored() throws IOException {
    TableName table = fixture("changes");

    assertThat(brought(table, 0, 1)).isEqualTo(ids(0, 10));
    assertThat(brought(table, 1, 2)).isEqualTo(ids(10, 12));
    assertThat(brought(table, 3, 4)).as("updated").containsExactly("5 -1.0");
    assertThat(brought(table, 5, 6)).as("merged").containsExactly("10 7.0", "20 7.0");
    assertThat(brought(table, 6, 7)).as("restored").isEqualTo(ids(0, 12));
    assertThat(brought(table, 0, 2)).isEqualTo(ids(0, 12));
    assertThat(brought(table, 0, 5))
        .as("of rows deleted and updated since, what is left")
        .isEqualTo(both(both(ids(3, 5), "5 -1.0"), ids(6, 12).toArray(String[]::new)));
    for (int version : List.of(0, 1)) {
      assertThat(catalog.changes(table, version, version + 1).rowsRemoved()).isFalse();
    }
    for (int version : List.of(3, 5, 6)) {
      assertThat(catalog.changes(table, version, version + 1).rowsRemoved()).isTrue();
    }
  }

  @Test
  void rowsDeletedByAVectorOrWithTheirFileBringNothingAndAreTold() throws IOException {
    TableName table = fixture("changes");

    for (int version : List.of(2, 7)) {
      assertThat(catalog.changes(table, version, version + 1))
          .isEqualTo(new TableChanges(List.of(), true));
    }
  }

  @Test
  void compactionChangesNothing() throws IOException {
    assertThat(catalog.changes(fixture("changes"), 4, 5).isEmpty()).isTrue();
    assertThat(catalog.changes(fixture("change-feed"), 4, 5).isEmpty()).isTrue();
  }

  @Test
  void changesAreTakenFromTheFeedOfVersionsThatHaveOne() throws IOException {
    TableName table = fixture("change-feed");

    assertThat(brought(table, 0, 1)).isEqualTo(ids(0, 10));
    assertThat(brought(table, 1, 2)).as("updated").containsExactly("5 -1.0");
    assertThat(brought(table, 3, 4)).as("merged").containsExactly("20 7.0", "6 7.0");
    assertThat(brought(table, 5, 6)).containsExactly("30 1.0");
    for (int version : List.of(1, 3)) {
      TableChanges changes = catalog.changes(table, version, version + 1);
      assertThat(changes.files()).allMatch(file -> file.content() == DataFile.Content.CHANGE_FEED);
      assertThat(changes.rowsRemoved()).as("the feed tells which").isFalse();
    }
    assertThat(catalog.changes(table, 3, 4).files())
        .extracting(file -> file.partitionValues().get("day"))
        .containsExactly("2024-01-01", "2024-01-02");
    // Spark writes no feed where a deletion vector or a removed file tells as much.
    for (int version : List.of(2, 6)) {
      assertThat(catalog.changes(table, version, version + 1))
          .isEqualTo(new TableChanges(List.of(), true));
    }
    assertThat(brought(table, 0, 6))
        .isEqualTo(
            both(
                both(ids(3, 5), "5 -1.0", "6 7.0", "20 7.0", "30 1.0"),
                ids(6, 10).toArray(String[]::new)));
  }

  @Test
  void changesWhoseFilesWereVacuumedAreNoLongerKnown() throws IOException {
    TableName table = fixture("changes");
    DataFile updated = catalog.changes(table, 3, 4).files().get(0);
    Files.delete(Path.of(updated.path()));

    assertThat(brought(table, 1, 2)).isEqualTo(ids(10, 12));
    assertThatThrownBy(() -> catalog.changes(table, 3, 5))
        .hasMessageContaining("SB-0411 What changed in table main.spark.changes after version 3")
        .hasMessageContaining("up to version 5, is no longer known")
        .hasMessageContaining(updated.path() + " does not exist")
        .hasMessageContaining("take all rows of the table for changed");
  }

  @Test
  void changesOfVersionsThatWereCleanedUpAreNoLongerKnown() throws IOException {
    TableName table = fixture("checkpoint-v2");

    assertThat(catalog.changes(table, 10, 12).files()).hasSize(2);
    assertThatThrownBy(() -> catalog.changes(table, 8, 12))
        .hasMessageContaining("after version 8, up to version 12, is no longer known");
  }
}
