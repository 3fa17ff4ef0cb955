package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import io.scorebatch.table.delta.DirectoryCatalog;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.DateDayVector;
import org.apache.arrow.vector.VarCharVector;
import org.apache.arrow.vector.VectorSchemaRoot;
import org.apache.arrow.vector.ipc.ArrowFileWriter;
import org.apache.arrow.vector.ipc.ArrowStreamWriter;
import org.apache.arrow.vector.ipc.ArrowWriter;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Keys from files, streams and the program itself, against a table whose key is text. */
class KeysTest {
  private static final TableName FEATURES = new TableName("main", "ml", "features");

  @TempDir private Path folder;
  private @Nullable FeatureEngineeringClient open;

  @BeforeEach
  void writeTableAndModel() throws Exception {
    Path tables = folder.resolve("tables");
    try (DirectoryCatalog catalog = DirectoryCatalog.open(tables)) {
      commit(catalog, "('007', DATE '2024-01-10', 7.0), ('7', DATE '2024-01-09', 1.0)");
      commit(catalog, "('007', DATE '2024-01-10', -90.0), ('7', DATE '2024-01-09', 1.0)");
    }
    Path model = folder.resolve("model");
    Path logged = Fixtures.fixture("mlflow-3.17.2/sklearn-isolation-forest/model");
    try (Stream<Path> files = Files.walk(logged)) {
      for (Path file : files.toList()) {
        Files.copy(file, model.resolve(logged.relativize(file).toString()));
      }
    }
    StringBuilder spec = new StringBuilder("input_columns:\n");
    for (String key : List.of("code", "day")) {
      spec.append("- " + key + ": {include: false, source: training_data}\n");
    }
    for (int i = 0; i < 5; i++) {
      spec.append(
          "- f"
              + i
              + ": {table_name: main.ml.features, feature_name: v, lookup_key: [code],"
              + " timestamp_lookup_key: [day], source: feature_store}\n");
    }
    spec.append("input_tables:\n- main.ml.features: {}\nserialization_version: 11\n");
    Files.writeString(model.resolve("feature_spec.yaml"), spec);
    open =
        FeatureEngineeringClient.connect(
            Connections.fromEnvironment().withoutStores().withTables(tables.toString()));
  }

  @AfterEach
  void disconnect() {
    client().close();
  }

  private FeatureEngineeringClient client() {
    return java.util.Objects.requireNonNull(open);
  }

  private static void commit(DirectoryCatalog catalog, String rows)
      throws SQLException, IOException {
    Path file =
        catalog.openStaging(FEATURES).folder().resolve("part-" + rows.hashCode() + ".parquet");
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      statement.execute(
          "COPY (SELECT * FROM (VALUES " + rows + ") t(code, day, v)) TO '" + file + "'");
    }
    Schema schema =
        Schema.of(
            Column.of("code", Primitive.STRING),
            Column.of("day", Primitive.DATE),
            Column.of("v", Primitive.DOUBLE));
    catalog.commit(
        new TableCommit(
            FEATURES,
            schema,
            TableCommit.Mode.OVERWRITE,
            List.of(new StagedFile(file, Files.size(file), 2, Map.of(), Map.of())),
            null,
            Map.of("scorebatch.primary_key", "code,day", "scorebatch.timestamp_key", "day"),
            Optional.empty(),
            "test"));
  }

  private ScoreBatch batch(Keys keys) {
    return client().scoreBatch(folder.resolve("model").toString(), keys).featureEvidence();
  }

  /** Code, day and evidence of each row, by code. */
  private static List<String> rows(ScoreBatch batch) {
    List<String> rows = new ArrayList<>();
    batch.forEachRow(
        new SqlEngine.Rows() {
          private List<String> names = List.of();

          @Override
          public void columns(List<Column> columns) {
            names = columns.stream().map(Column::name).toList();
          }

          @Override
          public void row(List<@Nullable Object> values) {
            rows.add(
                values.get(names.indexOf("code"))
                    + " "
                    + values.get(names.indexOf("day"))
                    + " "
                    + values.get(names.indexOf("feature_evidence")));
          }
        });
    rows.sort(null);
    return rows;
  }

  private Path file(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static final List<String> RIGHT =
      List.of("007 2024-01-10 1", "7 2024-01-10 1", "8 2024-01-10 0");

  @Test
  void aCsvFileHasTheTypesOfTheKeysItIsMatchedWith() throws IOException {
    Path csv = file("keys.csv", "code,day\n007,2024-01-10\n7,2024-01-10\n8,2024-01-10\n");
    assertThat(rows(batch(Keys.file(csv)))).isEqualTo(RIGHT);
    Path wrong = file("wrong.csv", "code,day\n007,10/01/2024\n");
    assertThatThrownBy(() -> rows(batch(Keys.file(wrong))))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(
            "wrong.csv holds '10/01/2024' in column 'day' of row 1, which is no date");
  }

  @Test
  void aJsonFileKeepsTextAndRefusesNumbersForIt() throws IOException {
    String rows =
        Stream.of("007", "7", "8")
            .map(code -> "{\"code\": \"" + code + "\", \"day\": \"2024-01-10\"}\n")
            .reduce("", String::concat);
    assertThat(rows(batch(Keys.file(file("keys.jsonl", rows))))).isEqualTo(RIGHT);
    Path numbers = file("numbers.jsonl", "{\"code\": 7, \"day\": \"2024-01-10\"}\n");
    assertThatThrownBy(() -> rows(batch(Keys.file(numbers))))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("Key 'code' is bigint, column 'code' of table main.ml.features is");
  }

  @Test
  void rowsOfTheProgramsOwnAreTakenInTheirTypes() {
    Schema schema =
        Schema.of(Column.of("code", Primitive.STRING), Column.of("day", Primitive.DATE));
    LocalDate day = LocalDate.of(2024, 1, 10);
    Stream<List<@Nullable Object>> rows =
        Stream.of("007", "7", "8").map(code -> Arrays.<@Nullable Object>asList(code, day));
    assertThat(rows(batch(Keys.rows(schema, rows)))).isEqualTo(RIGHT);
    Stream<List<@Nullable Object>> wrong = Stream.of(Arrays.<@Nullable Object>asList(7, day));
    assertThatThrownBy(() -> rows(batch(Keys.rows(schema, wrong))))
        .hasMessageContaining(
            "Row 1 of the keys has a java.lang.Integer (7) in column 'code' of type string.");
  }

  @Test
  void arrowFilesAndStreamsAreRead() throws IOException {
    for (String name : new String[] {"keys.arrow", "keys.arrows"}) {
      Path file = folder.resolve(name);
      try (BufferAllocator memory = new RootAllocator();
          VarCharVector codes = new VarCharVector("code", memory);
          DateDayVector days = new DateDayVector("day", memory);
          OutputStream out = Files.newOutputStream(file)) {
        String[] values = {"007", "7", "8"};
        for (int i = 0; i < values.length; i++) {
          codes.setSafe(i, values[i].getBytes(StandardCharsets.UTF_8));
          days.setSafe(i, (int) LocalDate.of(2024, 1, 10).toEpochDay());
        }
        codes.setValueCount(values.length);
        days.setValueCount(values.length);
        try (VectorSchemaRoot root = VectorSchemaRoot.of(codes, days);
            ArrowWriter writer =
                name.endsWith("s")
                    ? new ArrowStreamWriter(root, null, Channels.newChannel(out))
                    : new ArrowFileWriter(root, null, Channels.newChannel(out))) {
          writer.start();
          writer.writeBatch();
          writer.end();
        }
      }
      assertThat(rows(batch(Keys.file(file)))).isEqualTo(RIGHT);
    }
    Path broken = file("broken.arrow", "no arrow");
    assertThatThrownBy(() -> rows(batch(Keys.file(broken))))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("broken.arrow cannot be read as Arrow IPC");
  }

  @Test
  void anOlderVersionGivesOlderFeatures() throws IOException {
    Path csv = file("keys.csv", "code,day\n007,2024-01-10\n");
    double now = prediction(batch(Keys.file(csv)));
    double before = prediction(batch(Keys.file(csv)).asOf(new AsOf.Version(0)));
    assertThat(now).isNotEqualTo(before);
    assertThatThrownBy(() -> rows(batch(Keys.file(csv)).asOf(new AsOf.Version(9))))
        .hasMessageContaining("Table main.ml.features has no version 9.")
        .hasMessageContaining("Its log holds versions 0 to 1.");
    assertThatThrownBy(() -> rows(batch(Keys.file(csv)).asOf(AsOf.parse("2001-01-01"))))
        .hasMessageContaining("Table main.ml.features has no version as of 2001-01-01T00:00:00Z.");
  }

  private static double prediction(ScoreBatch batch) {
    List<Double> found = new ArrayList<>();
    batch
        .outputKind(io.scorebatch.api.model.OutputKind.SCORE_SAMPLES)
        .forEachRow(
            new SqlEngine.Rows() {
              private int at;

              @Override
              public void columns(List<Column> columns) {
                at = columns.stream().map(Column::name).toList().indexOf("prediction");
              }

              @Override
              public void row(List<@Nullable Object> values) {
                found.add((Double) values.get(at));
              }
            });
    return found.get(0);
  }
}
