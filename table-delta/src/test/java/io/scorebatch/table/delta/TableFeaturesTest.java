package io.scorebatch.table.delta;

import static io.scorebatch.table.delta.TableCommits.append;
import static io.scorebatch.table.delta.TableCommits.overwrite;
import static io.scorebatch.table.delta.TableCommits.withProperties;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables whose protocol or settings ask for more than reading and adding rows. */
class TableFeaturesTest {
  private static final TableName TABLE = new TableName("main", "ml", "t");
  private static final Schema SCHEMA = Schema.of(Column.of("id", Primitive.LONG));
  private static final String ID_FIELD =
      "{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":{}}";
  private static final String CLASSIC = "{\"minReaderVersion\":1,\"minWriterVersion\":2}";

  @TempDir Path root;

  private DirectoryCatalog catalog;

  @BeforeEach
  void openCatalog() {
    catalog = DirectoryCatalog.open(root);
  }

  /** Writes version 0 by hand: other writers make what we do not. */
  private void log(String protocol, String fields, String properties, String... adds)
      throws IOException {
    StringBuilder lines = new StringBuilder();
    lines.append("{\"protocol\":").append(protocol).append("}\n");
    lines
        .append(
            "{\"metaData\":{\"id\":\"7c9e6679\",\"format\":{\"provider\":\"parquet\",\"options\":{}},")
        .append("\"schemaString\":\"{\\\"type\\\":\\\"struct\\\",\\\"fields\\\":[")
        .append(fields.replace("\"", "\\\""))
        .append("]}\",\"partitionColumns\":[],\"configuration\":{")
        .append(properties)
        .append("}}}\n");
    for (String add : adds) {
      lines.append("{\"add\":").append(add).append("}\n");
    }
    Path log = Files.createDirectories(root.resolve("main/ml/t/_delta_log"));
    Files.writeString(log.resolve("00000000000000000000.json"), lines);
  }

  private static String features(String reader, String writer) {
    return "{\"minReaderVersion\":3,\"minWriterVersion\":7,\"readerFeatures\":["
        + reader
        + "],\"writerFeatures\":["
        + writer
        + "]}";
  }

  private StagedFile id(int id) {
    return ParquetFiles.stage(
        catalog.openStaging(TABLE).folder(), "SELECT " + id + "::BIGINT AS id");
  }

  @Test
  void unknownReaderFeatureIsRefusedByName() throws IOException {
    log(features("\"timeLoops\"", "\"timeLoops\""), ID_FIELD, "");

    ScorebatchException failure =
        catchThrowableOfType(ScorebatchException.class, () -> catalog.snapshot(TABLE));

    assertThat(failure.problem().code()).isEqualTo(ErrorCode.TABLE_FEATURE_UNSUPPORTED);
    assertThat(failure)
        .hasMessageContaining("Table main.ml.t needs the Delta reader feature 'timeLoops'")
        .hasMessageContaining("rows would be read wrongly");
  }

  @Test
  void newerReaderVersionIsRefused() throws IOException {
    log(
        "{\"minReaderVersion\":4,\"minWriterVersion\":7,\"readerFeatures\":[],\"writerFeatures\":[]}",
        ID_FIELD,
        "");

    assertThatThrownBy(() -> catalog.snapshot(TABLE))
        .hasMessageContaining("Delta reader feature version 4");
  }

  @ParameterizedTest
  @EnumSource(Mode.class)
  void unknownWriterFeatureIsReadButNeverWritten(Mode mode) throws IOException {
    log(features("", "\"appendOnly\",\"timeLoops\""), ID_FIELD, "");

    assertThat(catalog.snapshot(TABLE).schema()).isEqualTo(SCHEMA);
    assertThatThrownBy(() -> catalog.checkWritable(TABLE, SCHEMA, mode))
        .hasMessageContaining("Table main.ml.t needs the Delta writer feature 'timeLoops'")
        .hasMessageContaining("write to a new table");
    StagedFile file = id(1);
    assertThatThrownBy(
            () ->
                catalog.commit(
                    mode == Mode.APPEND
                        ? append(TABLE, SCHEMA, file)
                        : overwrite(TABLE, SCHEMA, file)))
        .hasMessageContaining("'timeLoops'");
    assertThat(catalog.snapshot(TABLE).version()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          delta.appendOnly           | delta.appendOnly=true
          delta.enableChangeDataFeed | delta.enableChangeDataFeed=true
          """)
  void settingsThatForbidOverwritingLeaveAppending(String property, String named)
      throws IOException {
    log(
        "{\"minReaderVersion\":1,\"minWriterVersion\":4}",
        ID_FIELD,
        '"' + property + "\":\"true\"");

    assertThatThrownBy(() -> catalog.checkWritable(TABLE, SCHEMA, Mode.OVERWRITE))
        .hasMessageContaining("Table main.ml.t has " + named);
    assertThat(catalog.checkWritable(TABLE, SCHEMA, Mode.APPEND)).isEqualTo(SCHEMA);
    assertThat(catalog.commit(append(TABLE, SCHEMA, id(1)))).isEqualTo(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"delta.constraints.positive\":\"id > 0\"",
        "\"delta.columnMapping.mode\":\"name\",\"delta.columnMapping.maxColumnId\":\"1\"",
        "\"delta.enableIcebergCompatV2\":\"true\""
      })
  void settingsWeCannotKeepAreRefusedInBothModes(String property) throws IOException {
    log(
        "{\"minReaderVersion\":2,\"minWriterVersion\":5}",
        "{\"name\":\"id\",\"type\":\"long\",\"nullable\":true,\"metadata\":"
            + "{\"delta.columnMapping.id\":1,\"delta.columnMapping.physicalName\":\"id\"}}",
        property);

    for (Mode mode : Mode.values()) {
      assertThatThrownBy(() -> catalog.checkWritable(TABLE, SCHEMA, mode))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("SB-0402 Table main.ml.t");
    }
  }

  @Test
  void typeWeDoNotKnowIsRefusedWithTheColumn() throws IOException {
    log(
        features("\"variantType\"", "\"variantType\""),
        ID_FIELD + ",{\"name\":\"doc\",\"type\":\"variant\",\"nullable\":true,\"metadata\":{}}",
        "");

    assertThatThrownBy(() -> catalog.snapshot(TABLE))
        .hasMessageContaining("Column 'doc' of table main.ml.t is of type variant");
  }

  @Test
  void statisticsWithNaNAndInfinityAreRead() throws IOException {
    log(
        CLASSIC,
        ID_FIELD,
        "",
        "{\"path\":\"a.parquet\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1,"
            + "\"dataChange\":true,\"stats\":\"{\\\"numRecords\\\":2,\\\"maxValues\\\":{\\\"id\\\":Infinity}}\"}",
        "{\"path\":\"b.parquet\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1,"
            + "\"dataChange\":true,\"stats\":\"{\\\"minValues\\\":{\\\"id\\\":NaN},\\\"numRecords\\\":3}\"}");

    TableSnapshot snapshot = catalog.snapshot(TABLE);
    assertThat(snapshot.rows()).hasValue(5);
  }

  @Test
  void rowCountIsUnknownWhereAFileHasNoStatistics() throws IOException {
    log(
        CLASSIC,
        ID_FIELD,
        "",
        "{\"path\":\"a.parquet\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1,"
            + "\"dataChange\":true}");

    TableSnapshot snapshot = catalog.snapshot(TABLE);
    assertThat(snapshot.files().get(0).rows()).isEmpty();
    assertThat(snapshot.rows()).isEmpty();
  }

  @Test
  void pathsElsewhereAreKept() throws IOException {
    String add =
        "{\"path\":\"%s\",\"partitionValues\":{},\"size\":1,\"modificationTime\":1,"
            + "\"dataChange\":true}";
    log(
        CLASSIC,
        ID_FIELD,
        "",
        add.formatted("file:/data/a%20b.parquet"),
        add.formatted("/data/c.parquet"),
        add.formatted("s3://bucket/d.parquet"));

    assertThat(catalog.snapshot(TABLE).files())
        .extracting(file -> file.path())
        .containsExactlyInAnyOrder("/data/a b.parquet", "/data/c.parquet", "s3://bucket/d.parquet");
  }

  @Test
  void appendLeavesAnOldProtocolAsItIs() throws IOException {
    log(CLASSIC, ID_FIELD, "");
    catalog.commit(append(TABLE, SCHEMA, id(1)));
    catalog.commit(overwrite(TABLE, SCHEMA, id(2)));

    Path log = root.resolve("main/ml/t/_delta_log");
    for (int version = 1; version <= 2; version++) {
      assertThat(Files.readString(log.resolve("0000000000000000000" + version + ".json")))
          .doesNotContain("\"protocol\"")
          .doesNotContain("\"metaData\"");
    }
  }

  @Test
  void newTableHasTheOldestProtocolThatWillDo() throws IOException {
    catalog.commit(overwrite(TABLE, SCHEMA, id(1)));

    assertThat(Files.readString(root.resolve("main/ml/t/_delta_log/00000000000000000000.json")))
        .contains("\"protocol\":{\"minReaderVersion\":1,\"minWriterVersion\":2}")
        .contains("scorebatch-test");
  }

  @Test
  void wallClockTimestampsAreTurnedOnWhereAskedFor() {
    Schema schema = Schema.of(Column.of("at", Primitive.TIMESTAMP_NTZ));
    StagedFile file =
        ParquetFiles.stage(
            catalog.openStaging(TABLE).folder(), "SELECT TIMESTAMP '2024-03-10 10:00:00' AS at");
    assertThatThrownBy(() -> catalog.commit(overwrite(TABLE, schema, file)))
        .hasMessageContaining("timestampNtz");
    assertThat(catalog.exists(TABLE)).isFalse();

    catalog.commit(
        withProperties(
            overwrite(TABLE, schema, file), Map.of("delta.feature.timestampNtz", "supported")));

    assertThat(catalog.snapshot(TABLE).schema()).isEqualTo(schema);
    assertThat(catalog.checkWritable(TABLE, schema, Mode.OVERWRITE)).isEqualTo(schema);
  }

  @Test
  void unknownDeltaPropertyIsRefusedBeforeAnythingIsWritten() {
    StagedFile file = id(1);

    assertThatThrownBy(
            () ->
                catalog.commit(
                    withProperties(
                        overwrite(TABLE, SCHEMA, file), Map.of("delta.checkpointInterval", "no"))))
        .hasMessageContaining(
            "Property delta.checkpointInterval=no cannot be set on table main.ml.t");
    assertThat(catalog.exists(TABLE)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "delta.columnMapping.mode",
        "delta.enableRowTracking",
        "delta.enableIcebergCompatV2",
        "delta.feature.catalogManaged",
        "delta.minReaderVersion"
      })
  void propertyThatAsksForAnotherKindOfTableIsRefused(String property) {
    StagedFile file = id(1);

    assertThatThrownBy(
            () ->
                catalog.commit(
                    withProperties(overwrite(TABLE, SCHEMA, file), Map.of(property, "true"))))
        .hasMessageContaining("Property " + property + "=true cannot be set on table main.ml.t");
    assertThat(catalog.exists(TABLE)).isFalse();
  }

  @Test
  void tableWithoutColumnsIsRefused() {
    assertThatThrownBy(() -> catalog.checkWritable(TABLE, new Schema(List.of()), Mode.OVERWRITE))
        .hasMessageContaining("there are no columns");
  }

  @Test
  void logThatIsDamagedIsReportedWithTheTable() throws IOException {
    log(CLASSIC, ID_FIELD, "");
    Files.writeString(
        root.resolve("main/ml/t/_delta_log/00000000000000000001.json"), "{\"add\":{\"pa");

    ScorebatchException failure =
        catchThrowableOfType(ScorebatchException.class, () -> catalog.snapshot(TABLE));
    assertThat(failure.problem().code()).isEqualTo(ErrorCode.TABLE_UNREADABLE);
    assertThat(failure).hasMessageContaining("Table main.ml.t cannot be read");
  }

  @Test
  void versionMissingInTheLogIsReported() throws IOException {
    log(CLASSIC, ID_FIELD, "");
    catalog.commit(append(TABLE, SCHEMA, id(1)));
    catalog.commit(append(TABLE, SCHEMA, id(2)));
    Files.delete(root.resolve("main/ml/t/_delta_log/00000000000000000001.json"));

    assertThatThrownBy(() -> catalog.snapshot(TABLE))
        .hasMessageContaining("Table main.ml.t cannot be read");
  }
}
