package io.scorebatch.table.delta;

import static io.scorebatch.table.delta.TableCommits.append;
import static io.scorebatch.table.delta.TableCommits.overwrite;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import io.scorebatch.testing.ServerProcess;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A catalog whose tables lie on an S3 store, reached with the credentials it hands out. */
class UnityCatalogTest {
  private static final TableName TABLE = new TableName("main", "ml", "scores");
  private static final Schema SCHEMA =
      Schema.of(
          Column.of("id", Primitive.LONG).withComment("who is scored"),
          Column.of("cost", new Decimal(10, 2)));

  @TempDir static Path server;
  private static ServerProcess store;

  @TempDir Path folder;
  private final String root = "s3://" + S3Store.BUCKET + "/" + UUID.randomUUID();
  private final FakeUnityCatalog fake = new FakeUnityCatalog();

  @BeforeAll
  static void start() {
    store = S3Store.start(UnityCatalogTest.class, server);
  }

  @AfterAll
  static void stop() {
    store.close();
  }

  @AfterEach
  void stopCatalog() {
    fake.close();
  }

  private TableStore open(String... more) {
    return openAt(store.address(), more);
  }

  private TableStore openAt(String address, String... more) {
    String[] variables = {
      "MLFLOW_UC_OSS_TOKEN", FakeUnityCatalog.TOKEN, "SCOREBATCH_UC_TABLE_ROOT", root
    };
    String[] all = Arrays.copyOf(variables, variables.length + more.length);
    System.arraycopy(more, 0, all, variables.length, more.length);
    return DeltaCatalogs.open(
        fake.address(), S3Store.environment(address, folder, all), folder.resolve("cache"));
  }

  private static StagedFile rows(TableStore catalog, int from, int to) {
    return ParquetFiles.stage(
        catalog.openStaging(TABLE).folder(),
        "SELECT range AS id, 0.5::DECIMAL(10,2) AS cost FROM range(" + from + ", " + to + ")");
  }

  @Test
  void makesFillsAndReadsATableOnS3() {
    try (TableStore catalog = open()) {
      assertThat(catalog.checkWritable(TABLE, SCHEMA, Mode.OVERWRITE)).isEqualTo(SCHEMA);
      assertThat(catalog.commit(overwrite(TABLE, SCHEMA, rows(catalog, 0, 2)))).isZero();
      assertThat(catalog.commit(append(TABLE, SCHEMA, rows(catalog, 2, 3)))).isEqualTo(1);
    }
    try (TableStore catalog = open()) {
      assertThat(catalog.list()).containsExactly(TABLE);
      assertThat(ParquetFiles.rows(catalog.materialize(catalog.snapshot(TABLE)))).hasSize(3);
      assertThat(catalog.snapshot(TABLE).location()).isEqualTo(root + "/main/ml/scores");
      assertThat(catalog.snapshot(TABLE, 0).rows()).hasValue(2);
    }
    JsonNode registered =
        fake.bodies().stream().filter(body -> body.has("columns")).findFirst().orElseThrow();
    assertThat(registered.path("storage_location").asText()).isEqualTo(root + "/main/ml/scores");
    assertThat(registered.path("table_type").asText()).isEqualTo("EXTERNAL");
    assertThat(registered.path("columns").get(0).toString())
        .isEqualTo(
            "{\"name\":\"id\",\"type_text\":\"bigint\",\"type_json\":\"{\\\"name\\\":\\\"id\\\","
                + "\\\"type\\\":\\\"long\\\",\\\"nullable\\\":true,\\\"metadata\\\":"
                + "{\\\"comment\\\":\\\"who is scored\\\"}}\",\"type_name\":\"LONG\","
                + "\"position\":0,\"nullable\":true,\"comment\":\"who is scored\"}");
    assertThat(registered.path("columns").get(1).path("type_precision").asInt()).isEqualTo(10);
    assertThat(fake.requests())
        .contains(
            "GET tables/main.ml.scores",
            "GET schemas/main.ml",
            "POST temporary-path-credentials",
            "POST tables",
            "POST temporary-table-credentials",
            "GET tables?catalog_name=main&schema_name=ml");
    assertThat(fake.bodies())
        .extracting(body -> body.path("operation").asText())
        .contains("PATH_CREATE_TABLE", "READ_WRITE", "READ");
  }

  @Test
  void readsAllPagesOfAListing() {
    for (int i = 0; i < 5; i++) {
      fake.register("raw", "t" + i, "EXTERNAL", "DELTA", root + "/t" + i);
    }
    fake.register("raw", "events", "EXTERNAL", "PARQUET", root + "/events");
    try (TableStore catalog = open()) {
      assertThat(catalog.list())
          .extracting(TableName::toString)
          .containsExactly(
              "main.raw.t0", "main.raw.t1", "main.raw.t2", "main.raw.t3", "main.raw.t4");
    }
    assertThat(fake.requests())
        .contains("GET tables?catalog_name=main&schema_name=raw&page_token=4");
  }

  @Test
  void asksForNewCredentialsBeforeTheOldOnesEnd() {
    try (TableStore catalog = open()) {
      catalog.commit(overwrite(TABLE, SCHEMA, rows(catalog, 0, 2)));
    }
    fake.handOutUntil(() -> Instant.now().plusSeconds(60));
    int before = fake.requests().size();
    try (TableStore catalog = open()) {
      catalog.snapshot(TABLE);
      catalog.snapshot(TABLE);
    }
    assertThat(fake.requests().subList(before, fake.requests().size()))
        .filteredOn(request -> request.equals("POST temporary-table-credentials"))
        .hasSizeGreaterThan(2);

    fake.handOutUntil(() -> Instant.now().plusSeconds(3600));
    int later = fake.requests().size();
    try (TableStore catalog = open()) {
      catalog.snapshot(TABLE);
      catalog.snapshot(TABLE);
    }
    assertThat(fake.requests().subList(later, fake.requests().size()))
        .filteredOn(request -> request.equals("POST temporary-table-credentials"))
        .hasSize(1);
  }

  @Test
  void registersATableThatWasWrittenButNotRegistered() {
    try (TableStore other = S3Store.open(store.address(), root, folder)) {
      other.commit(overwrite(TABLE, SCHEMA, rows(other, 0, 2)));
    }
    try (TableStore catalog = open()) {
      assertThat(catalog.exists(TABLE)).isFalse();
      assertThat(catalog.commit(overwrite(TABLE, SCHEMA, rows(catalog, 5, 6)))).isEqualTo(1);
      assertThat(catalog.exists(TABLE)).isTrue();
      assertThat(catalog.snapshot(TABLE).rows()).hasValue(1);
    }
  }

  @Test
  void saysWhereNewTablesWouldHaveToLieAndThatASchemaIsMissing() {
    try (TableStore catalog = open("SCOREBATCH_UC_TABLE_ROOT", "")) {
      assertThatThrownBy(() -> catalog.checkWritable(TABLE, SCHEMA, Mode.OVERWRITE))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("Table main.ml.scores cannot be made")
          .hasMessageContaining("it is not said where it shall lie")
          .hasMessageContaining("SCOREBATCH_UC_TABLE_ROOT");
    }
    try (TableStore catalog = open()) {
      assertThatThrownBy(
              () ->
                  catalog.checkWritable(
                      new TableName("main", "none", "scores"), SCHEMA, Mode.OVERWRITE))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("has no schema main.none");
    }
    assertThat(fake.requests()).noneMatch(request -> request.startsWith("POST"));
  }

  @Test
  void refusesWhatItCannotReadOrMayNotWrite() {
    fake.register("ml", "managed", "MANAGED", "DELTA", root + "/__unitystorage/1");
    fake.register("ml", "view", "VIEW", "", "");
    fake.register("ml", "csv", "EXTERNAL", "CSV", root + "/csv");
    fake.register("ml", "azure", "EXTERNAL", "DELTA", "abfss://c@a.dfs.core.windows.net/t");
    try (TableStore catalog = open()) {
      assertThatThrownBy(
              () ->
                  catalog.checkWritable(
                      new TableName("main", "ml", "managed"), SCHEMA, Mode.OVERWRITE))
          .hasMessageContaining("It is a managed table")
          .hasMessageContaining("external table");
      assertThatThrownBy(() -> catalog.snapshot(new TableName("main", "ml", "view")))
          .hasMessageContaining("it is a VIEW without files of its own");
      assertThatThrownBy(() -> catalog.snapshot(new TableName("main", "ml", "csv")))
          .hasMessageContaining("in the format CSV");
      assertThatThrownBy(() -> catalog.snapshot(new TableName("main", "ml", "azure")))
          .hasMessageContaining("It lies at abfss://c@a.dfs.core.windows.net/t")
          .hasMessageContaining("copy the table to S3");
      assertThatThrownBy(() -> catalog.snapshot(new TableName("main", "ml", "manged")))
          .hasMessageContaining("Table main.ml.manged does not exist")
          .hasMessageContaining("holds: azure, managed")
          .hasMessageContaining("did you mean 'main.ml.managed'?");
    }
  }

  @Test
  void saysThatCredentialsAreMissingOrRefusedWithoutShowingThem() {
    fake.register("ml", "scores", "EXTERNAL", "DELTA", root + "/scores");
    fake.handOut("azure_user_delegation_sas");
    try (TableStore catalog = open()) {
      assertThatThrownBy(() -> catalog.snapshot(TABLE))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("hands out no credentials for " + root + "/scores");
    }
    fake.handOut("aws_temp_credentials");
    try (S3Proxy refusing =
            new S3Proxy(store.address()) {
              @Override
              int status(String method, String path, int status) {
                return 403;
              }
            };
        TableStore catalog = openAt(refusing.address())) {
      assertThatThrownBy(() -> catalog.snapshot(TABLE))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("It refused the temporary credentials of the Unity Catalog http")
          .hasMessageNotContaining("temp-s3cret")
          .hasMessageNotContaining("temp-t0ken");
    }
    try (TableStore catalog = open("MLFLOW_UC_OSS_TOKEN", "old-t0ken")) {
      assertThatThrownBy(() -> catalog.snapshot(TABLE))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("It refused the token of MLFLOW_UC_OSS_TOKEN with 401")
          .hasMessageNotContaining("old-t0ken");
    }
  }

  @Test
  void readsTheTablesOfADatabricksWorkspace() {
    fake.register("ml", "scores", "EXTERNAL", "DELTA", root + "/main/ml/scores");
    try (TableStore other = S3Store.open(store.address(), root, folder)) {
      other.commit(overwrite(TABLE, SCHEMA, rows(other, 0, 2)));
    }
    for (String uri : List.of("databricks", "databricks-uc")) {
      try (TableStore catalog =
          DeltaCatalogs.open(
              uri,
              S3Store.environment(
                  store.address(),
                  folder,
                  "DATABRICKS_HOST",
                  fake.workspace(),
                  "DATABRICKS_TOKEN",
                  FakeUnityCatalog.TOKEN),
              folder.resolve("cache"))) {
        assertThat(catalog.snapshot(TABLE).rows()).hasValue(2);
        assertThat(catalog.description().toLowerCase(Locale.ROOT)).contains("databricks");
      }
    }
  }
}
