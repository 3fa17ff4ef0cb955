package io.scorebatch.table.delta;

import static io.scorebatch.table.delta.TableCommits.append;
import static io.scorebatch.table.delta.TableCommits.as;
import static io.scorebatch.table.delta.TableCommits.overwrite;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import io.scorebatch.testing.PythonEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The real {@code deltalake} of Python reads our tables, and we read its. */
class DeltalakeTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path SCRIPTS = Path.of("src/test/python");
  private static final Schema SCHEMA =
      Schema.of(
          Column.of("id", Primitive.LONG).required().withComment("who is scored"),
          Column.of("prediction", Primitive.DOUBLE).withComment("higher is better"));

  private static PythonEnvironment python;

  @TempDir Path root;

  private DirectoryCatalog catalog;

  @BeforeAll
  static void findPython() {
    python = PythonEnvironment.require(SCRIPTS.resolve("requirements.txt"), DeltalakeTest.class);
  }

  @BeforeEach
  void openCatalog() {
    catalog = DirectoryCatalog.open(root);
  }

  private static TableName table(String name) {
    return new TableName("main", "ml", name);
  }

  private Path folder(String name) {
    return root.resolve("main/ml").resolve(name);
  }

  private JsonNode read(String name, String... version) throws IOException {
    String[] arguments = new String[version.length + 1];
    arguments[0] = folder(name).toString();
    System.arraycopy(version, 0, arguments, 1, version.length);
    String output = python.run(SCRIPTS.resolve("read_table.py"), arguments);
    return JSON.readTree(output.substring(output.indexOf('{')));
  }

  private StagedFile scores(String name, String values) {
    return ParquetFiles.stage(
        catalog.openStaging(table(name)).folder(),
        "SELECT id::BIGINT AS id, prediction::DOUBLE AS prediction FROM (VALUES "
            + values
            + ") AS t(id, prediction)");
  }

  @Test
  void predictionTableIsReadWithSchemaRowsCommentsAndStatistics() throws IOException {
    catalog.commit(
        new TableCommit(
            table("scores"),
            SCHEMA,
            Mode.OVERWRITE,
            List.of(scores("scores", "(1, 0.5), (2, NULL), (3, -1.5)")),
            "scores of the night",
            Map.of("team", "cost"),
            Optional.of(new TransactionId("nightly", 1)),
            "Scorebatch/test"));

    JsonNode table = read("scores");

    assertThat(table.path("version").asLong()).isZero();
    assertThat(table.path("description").asText()).isEqualTo("scores of the night");
    assertThat(table.path("configuration")).isEqualTo(JSON.readTree("{\"team\":\"cost\"}"));
    assertThat(table.path("fields"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"name":"id","type":"long","nullable":false,
                  "metadata":{"comment":"who is scored"}},
                 {"name":"prediction","type":"double","nullable":true,
                  "metadata":{"comment":"higher is better"}}]
                """));
    assertThat(table.path("rows")).isEqualTo(JSON.readTree("[[1,0.5],[2,null],[3,-1.5]]"));
    JsonNode file = table.path("files").path(0);
    assertThat(file.path("num_records").asLong()).isEqualTo(3);
    assertThat(file.path("min.id").asLong()).isEqualTo(1);
    assertThat(file.path("max.id").asLong()).isEqualTo(3);
    assertThat(file.path("null_count.prediction").asLong()).isEqualTo(1);
    assertThat(file.path("min.prediction").asDouble()).isEqualTo(-1.5);
    assertThat(table.path("history").path(0).asText()).contains("Scorebatch/test");
  }

  @Test
  void secondRunReplacesTheTableAndTheFirstStaysReadable() throws IOException {
    catalog.commit(overwrite(table("scores"), SCHEMA, scores("scores", "(1, 0.5)")));
    Schema other = Schema.of(Column.of("key", Primitive.STRING));
    catalog.commit(
        overwrite(
            table("scores"),
            other,
            ParquetFiles.stage(
                catalog.openStaging(table("scores")).folder(), "SELECT 'a' AS key")));

    assertThat(read("scores").path("rows")).isEqualTo(JSON.readTree("[[\"a\"]]"));
    assertThat(read("scores").path("version").asLong()).isEqualTo(1);
    assertThat(read("scores", "0").path("rows")).isEqualTo(JSON.readTree("[[1,0.5]]"));
  }

  @Test
  void everyTypeIsRead() throws IOException {
    Schema all =
        Schema.of(
            Column.of("a", Primitive.BOOLEAN),
            Column.of("b", Primitive.BYTE),
            Column.of("c", Primitive.SHORT),
            Column.of("d", Primitive.INT),
            Column.of("e", Primitive.LONG),
            Column.of("f", Primitive.FLOAT),
            Column.of("h", Primitive.STRING),
            Column.of("i", Primitive.BINARY),
            Column.of("j", Primitive.DATE),
            Column.of("k", Primitive.TIMESTAMP),
            Column.of("l", new Decimal(10, 2)),
            Column.of("m", new ArrayOf(Primitive.DOUBLE)),
            Column.of("n", new MapOf(Primitive.STRING, Primitive.DOUBLE)));
    catalog.commit(
        overwrite(
            table("types"),
            all,
            ParquetFiles.stage(
                catalog.openStaging(table("types")).folder(),
                """
                SELECT true AS a, 1::TINYINT AS b, 2::SMALLINT AS c, 3::INTEGER AS d,
                  4::BIGINT AS e, 1.5::FLOAT AS f, 'ä' AS h, 'ab'::BLOB AS i,
                  DATE '2024-03-10' AS j, TIMESTAMPTZ '2024-03-10 10:00:00.123456+00' AS k,
                  -0.34::DECIMAL(10,2) AS l, [1.0::DOUBLE, NULL] AS m,
                  MAP {'k': 0.5::DOUBLE} AS n
                """)));

    assertThat(read("types").path("rows").path(0))
        .isEqualTo(
            JSON.readTree(
                """
                [true, 1, 2, 3, 4, 1.5, "ä", "6162", "2024-03-10",
                 "2024-03-10T10:00:00.123456+00:00", "-0.34", [1.0, null], [["k", 0.5]]]
                """));
  }

  @Test
  void ourCheckpointsAndTransactionsAreRead() throws IOException {
    for (int i = 0; i < 12; i++) {
      catalog.commit(
          as(
              new TransactionId("nightly", i),
              append(table("ours"), SCHEMA, scores("ours", "(" + i + ", 0.5)"))));
    }
    for (int version = 0; version < 10; version++) {
      Files.delete(folder("ours").resolve("_delta_log/0000000000000000000" + version + ".json"));
    }

    JsonNode table = read("ours");

    assertThat(table.path("version").asLong()).isEqualTo(11);
    assertThat(table.path("rows")).hasSize(12);
    assertThat(table.path("fields").path(0).path("metadata").path("comment").asText())
        .isEqualTo("who is scored");
  }

  @Test
  void itsTablesAreRead() {
    catalog.commit(
        overwrite(
            table("ours"),
            Schema.of(Column.of("id", Primitive.LONG), Column.of("prediction", Primitive.DOUBLE)),
            scores("ours", "(1, 0.5)")));
    python.run(SCRIPTS.resolve("write_tables.py"), root.resolve("main/ml").toString());

    TableSnapshot partitioned = catalog.snapshot(table("partitioned"));
    assertThat(partitioned.comment()).isEqualTo("by deltalake");
    assertThat(partitioned.partitionColumns())
        .containsExactly("day", "at", "price", "flag", "kind");
    Map<String, Object> nulls = new LinkedHashMap<>();
    partitioned.partitionColumns().forEach(column -> nulls.put(column, null));
    assertThat(partitioned.files())
        .extracting(file -> (Object) file.partitionValues())
        .containsExactlyInAnyOrder(
            Map.of(
                "day", "2024-03-10",
                "at", "2024-03-10T10:00:00.000000Z",
                "price", "5.00",
                "flag", "true",
                "kind", "a b/c%d"),
            Map.of(
                "day", "2024-03-11",
                "at", "2024-03-10T10:00:00.500000Z",
                "price", "12.50",
                "flag", "false",
                "kind", "ü"),
            nulls);
    assertThat(ParquetFiles.rows(partitioned)).extracting(row -> row.get(0)).contains(1L, 2L, 3L);

    TableSnapshot grown = catalog.snapshot(table("grown"));
    assertThat(grown.version()).isEqualTo(13);
    assertThat(grown.rows()).hasValue(10);
    assertThat(ParquetFiles.rows(grown))
        .contains(List.of(3L, Double.NaN), List.of(4L, Double.POSITIVE_INFINITY));

    TableSnapshot ours = catalog.snapshot(table("ours"));
    assertThat(ParquetFiles.rows(ours))
        .containsExactlyInAnyOrder(Arrays.asList(1L, 0.5), Arrays.asList(7L, 0.25));
    assertThat(catalog.commit(overwrite(table("ours"), ours.schema(), scores("ours", "(9, 1)"))))
        .isEqualTo(2);
  }
}
