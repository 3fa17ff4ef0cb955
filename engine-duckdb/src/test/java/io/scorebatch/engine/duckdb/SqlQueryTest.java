package io.scorebatch.engine.duckdb;

import static io.scorebatch.api.type.ColumnType.Primitive.DATE;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP_NTZ;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.testing.MemoryTables;
import io.scorebatch.testing.TestTable;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SqlQueryTest {
  private final Path folder;

  private final MemoryTables tables = new MemoryTables();
  private final List<Column> columns = new ArrayList<>();
  private final DuckDbScoringEngine engine;

  SqlQueryTest(@TempDir Path folder) {
    this.folder = folder;
    engine = DuckDbScoringEngine.open(tables, new EngineLimits(100L << 20, 2, folder));
  }

  @BeforeEach
  void addTables() {
    tables.add(
        TestTable.in(folder, new DuckParquet(), "costs")
            .column("id", LONG)
            .column("day", DATE)
            .column("cost", DOUBLE)
            .file(
                Arrays.asList(1L, LocalDate.of(2024, 1, 1), 1.5),
                Arrays.asList(2L, LocalDate.of(2024, 1, 2), null))
            .snapshot());
    tables.add(
        TestTable.in(folder, new DuckParquet(), "jobs")
            .column("id", LONG)
            .column("name", STRING)
            .file(Arrays.asList(1L, "été 😀"))
            .snapshot());
  }

  @AfterEach
  void close() {
    engine.close();
  }

  private List<List<@Nullable Object>> query(String sql) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    columns.clear();
    engine.query(
        sql,
        new SqlEngine.Rows() {
          @Override
          public void columns(List<Column> found) {
            columns.addAll(found);
          }

          @Override
          public void row(List<@Nullable Object> values) {
            rows.add(new ArrayList<>(values));
          }
        });
    return rows;
  }

  private static List<@Nullable Object> row(@Nullable Object... values) {
    return Arrays.asList(values.clone());
  }

  private ScorebatchException failure(String sql) {
    try {
      query(sql);
    } catch (ScorebatchException e) {
      return e;
    }
    throw new AssertionError("the query did not fail");
  }

  @Test
  void tablesGoByTheirThreePartNames() {
    assertThat(
            query(
                """
                -- é 😀
                WITH dear AS (SELECT id, cost FROM main.ml.costs WHERE cost > 1)
                SELECT j.name, dear.cost, costs.day, main.ml.costs.id
                FROM dear JOIN "main" . ml . "jobs" AS j USING (id) JOIN MAIN.ml.Costs USING (id);
                -- the end
                """))
        .containsExactly(row("été 😀", 1.5, LocalDate.of(2024, 1, 1), 1L));
    assertThat(columns)
        .containsExactly(
            Column.of("name", STRING),
            Column.of("cost", DOUBLE),
            Column.of("day", DATE),
            Column.of("id", LONG));
  }

  @Test
  void evidenceOfLookupsIsReadByAMacro() {
    assertThat(
            query(
                """
                SELECT lookup_evidence(e, 1), lookup_evidence(e, 2)
                FROM (VALUES (17), (23), (133), (4), (NULL)) t(e)
                """))
        .containsExactly(
            row("matched", "matched"),
            row("null value, defaulted", "matched"),
            row("matched, defaulted", "stale"),
            row("missing, defaulted", "missing"),
            row(null, null));
    assertThat(
            query(
                "SELECT lookup_evidence(feature_evidence, 15)"
                    + " FROM (SELECT 1::BIGINT << 56 AS feature_evidence)"))
        .containsExactly(row("matched"));
  }

  @Test
  void rowsComeInOrder() {
    assertThat(query("SELECT id FROM main.ml.costs ORDER BY id DESC"))
        .containsExactly(row(2L), row(1L));
  }

  @Test
  void valuesComeInJavasTypes() {
    assertThat(
            query(
                """
                SELECT true, 1::TINYINT, 2::SMALLINT, 3, 4::BIGINT, 0.5::FLOAT, 0.25::DOUBLE,
                  1.50::DECIMAL(4,2), 'x', DATE '2024-02-29', TIMESTAMPTZ '2024-02-29 01:02:03.000004+01',
                  TIMESTAMP '2024-03-31 02:30:00', [1, NULL], {'a': 1, 'b': [DATE '2024-01-01']},
                  MAP {'k': 2.5::DOUBLE}, 18446744073709551615::UBIGINT,
                  170141183460469231731687303715884105727::HUGEINT,
                  '6ccd780c-baba-1026-9564-5b8c656024db'::UUID, TIME '01:02:03', NULL
                """))
        .containsExactly(
            row(
                true,
                1,
                2,
                3,
                4L,
                0.5f,
                0.25,
                new BigDecimal("1.50"),
                "x",
                LocalDate.of(2024, 2, 29),
                Instant.parse("2024-02-29T00:02:03.000004Z"),
                LocalDateTime.of(2024, 3, 31, 2, 30),
                row(1, null),
                Map.of("a", 1, "b", List.of(LocalDate.of(2024, 1, 1))),
                Map.of("k", 2.5),
                new BigDecimal("18446744073709551615"),
                new BigDecimal("170141183460469231731687303715884105727"),
                "6ccd780c-baba-1026-9564-5b8c656024db",
                "01:02:03",
                null));
    assertThat(columns.stream().map(Column::type).skip(9).limit(5))
        .containsExactly(
            DATE,
            TIMESTAMP,
            TIMESTAMP_NTZ,
            new ColumnType.ArrayOf(INT),
            new ColumnType.StructOf(
                List.of(Column.of("a", INT), Column.of("b", new ColumnType.ArrayOf(DATE)))));
  }

  @Test
  void showTablesListsTheCatalog() {
    assertThat(query("SHOW TABLES"))
        .containsExactly(row("main", "ml", "costs"), row("main", "ml", "jobs"));
  }

  @Test
  void tablesCanBeDescribed() {
    assertThat(query("DESCRIBE main.ml.costs"))
        .extracting(r -> r.get(0))
        .containsExactly("id", "day", "cost");
    assertThat(query("SUMMARIZE main.ml.costs")).hasSize(3);
    assertThat(query("DESCRIBE SELECT id FROM main.ml.jobs"))
        .extracting(r -> r.get(0))
        .containsExactly("id");
  }

  @Test
  void valuesNeedNoTable() {
    assertThat(query("VALUES (1, 'a'), (2, 'b')")).containsExactly(row(1, "a"), row(2, "b"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DROP TABLE main.ml.costs",
        "CREATE TABLE x AS SELECT 1",
        "INSERT INTO main.ml.costs VALUES (1, NULL, NULL)",
        "COPY (SELECT 1) TO '/tmp/x'",
        "ATTACH '/tmp/x.db' AS x",
        "SET memory_limit = '1TB'",
        "PRAGMA database_list",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CALL pragma_version()",
        "EXPORT DATABASE '/tmp/x'",
        "CREATE SECRET s (TYPE s3)",
        "SELECT 1; DROP TABLE main.ml.costs",
      })
  void onlyQueriesAreRun(String sql) {
    ScorebatchException failure = failure(sql);
    assertThat(failure.problem().code()).isEqualTo(ErrorCode.QUERY_NOT_READ_ONLY);
    assertThat(failure).hasMessageContaining("'" + sql + "' is no read-only query.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM read_text('%s')",
        "SELECT * FROM read_csv('%s')",
        "SELECT * FROM read_parquet('%s')",
        "SELECT * FROM glob('%s*')",
        "SELECT * FROM query('SELECT * FROM read_text(''%s'')')",
        "SELECT (SELECT content FROM read_text('%s'))",
        "SELECT * FROM main.ml.costs WHERE EXISTS (SELECT * FROM read_blob('%s'))",
        "SELECT * FROM '%s'",
        "SELECT * FROM sniff_csv('%s')",
        "SELECT * FROM parquet_metadata('%s')",
      })
  void filesOutsideTheTablesCannotBeRead(String sql) throws IOException {
    Path secret = folder.resolve("secret.csv");
    Files.writeString(secret, "id\n12345\n");
    assertThatThrownBy(() -> query(String.format(sql, secret)))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageMatching("(?s).*(Permission Error|There is no table).*")
        .hasMessageNotContaining("12345");
  }

  @Test
  void aFailureAmongLateRowsIsTold() {
    assertThat(
            failure(
                "SELECT CAST(CASE WHEN i = 1500000 THEN 'odd' ELSE '1' END AS INTEGER)"
                    + " FROM range(2000000) t(i)"))
        .hasMessageContaining("Could not convert string 'odd' to INT32");
  }

  @Test
  void whatDoesNotFitInMemoryIsSpilled() throws IOException {
    assertThat(
            query(
                "SELECT count(*) FROM (SELECT s, row_number() OVER (ORDER BY s) AS r FROM"
                    + " (SELECT md5(i::VARCHAR) || md5(i::VARCHAR) AS s FROM range(2000000) t(i)))"
                    + " WHERE r > 0 AND s > ''"))
        .containsExactly(row(2_000_000L));
    try (var left = Files.list(folder)) {
      assertThat(left).noneMatch(path -> path.getFileName().toString().startsWith("duckdb-"));
    }
  }

  @Test
  void severalStatementsAreRefused() {
    assertThat(failure("SELECT 1; SELECT 2"))
        .hasMessageContaining("cannot be run. It holds 2 statements.");
  }

  @Test
  void aSyntaxErrorIsTold() {
    ScorebatchException failure = failure("SELEC 1");
    assertThat(failure.problem().code()).isEqualTo(ErrorCode.QUERY_INVALID);
    assertThat(failure).hasMessageContaining("syntax error at or near \"SELEC\"");
  }

  @Test
  void anUnknownColumnIsTold() {
    assertThat(failure("SELECT costt FROM main.ml.costs"))
        .hasMessageContaining("Referenced column \"costt\" not found");
  }

  @Test
  void anUnknownTableIsTold() {
    assertThat(failure("SELECT * FROM main.ml.gone").problem().code())
        .isEqualTo(ErrorCode.TABLE_NOT_FOUND);
  }

  @Test
  void aShortNameIsAnsweredWithTheWholeOne() {
    assertThat(failure("SELECT * FROM costs"))
        .hasMessageContaining("There is no table 'costs'.")
        .hasMessageContaining("Fix: write main.ml.costs.");
  }

  @Test
  void theLatestOfAHistoryAreTheNewestRowsOfEachKey() {
    Instant first = Instant.parse("2024-01-01T00:00:00Z");
    Instant second = Instant.parse("2024-01-02T00:00:00Z");
    TableSnapshot history =
        TestTable.in(folder, new DuckParquet(), "history")
            .column("id", LONG)
            .column("Part", STRING)
            .column("prediction", DOUBLE)
            .column("scored_at", TIMESTAMP)
            .file(
                Arrays.asList(1L, "a", 0.1, first),
                Arrays.asList(1L, "b", 0.2, first),
                Arrays.asList(2L, null, 0.3, first))
            .file(
                Arrays.asList(1L, "a", 0.4, second),
                Arrays.asList(2L, null, 0.5, second),
                Arrays.asList(2L, null, 0.6, second))
            .snapshot();
    tables.add(
        new TableSnapshot(
            history.name(),
            history.location(),
            history.tableId(),
            history.version(),
            history.columns(),
            history.partitionColumns(),
            Map.of("scorebatch.primary_key", "id, part"),
            null,
            history.files()));
    assertThat(query("SELECT prediction FROM main.ml.history_latest ORDER BY ALL"))
        .containsExactly(List.of(0.2), List.of(0.4), List.of(0.5), List.of(0.6));
    assertThat(
            query(
                "SELECT count(*) FROM main.ml.history_LATEST l JOIN main.ml.history h USING (id)"))
        .containsExactly(List.of(12L));
    assertThatThrownBy(() -> query("SELECT * FROM main.ml.costs_latest"))
        .hasMessageContaining("There is no table main.ml.costs_latest");
  }
}
