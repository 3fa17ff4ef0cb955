package io.scorebatch.engine.spark;

import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.type.Column;
import io.scorebatch.testing.MemoryTables;
import io.scorebatch.testing.TestTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Queries over the catalog. */
final class UserSqlTest {
  @TempDir Path folder;

  private final MemoryTables tables = new MemoryTables();
  private final SparkScoringEngine engine = SparkScoringEngine.on(LocalSpark.session(), tables);

  @BeforeEach
  void makeTables() {
    tables.add(
        TestTable.in(folder, new SparkParquet(LocalSpark.session()), "events")
            .column("id", LONG)
            .column("x", INT)
            .file(Arrays.asList(1L, 10), Arrays.asList(2L, 20))
            .snapshot());
  }

  private List<List<@Nullable Object>> rows(String sql) {
    List<List<@Nullable Object>> rows = new ArrayList<>();
    engine.query(
        sql,
        new SqlEngine.Rows() {
          @Override
          public void columns(List<Column> columns) {}

          @Override
          public void row(List<@Nullable Object> values) {
            rows.add(new ArrayList<>(values));
          }
        });
    return rows;
  }

  @Test
  void tablesGoByThreePartNamesWhereverTheyStand() {
    assertThat(
            rows(
                """
                WITH big AS (SELECT id FROM main.ml.events WHERE x > 10)
                SELECT e.id, MAIN.ml.events.x FROM main.ml.events e
                JOIN main.ml.events ON e.id = main.ml.events.id
                WHERE e.id IN (SELECT id FROM big)
                  AND e.x = (SELECT max(x) FROM main.ml.events)
                """))
        .containsExactly(List.of(2L, 20));
  }

  @Test
  void tablesAreListedAndDescribed() {
    assertThat(rows("SHOW TABLES")).containsExactly(List.of("main", "ml", "events"));
    assertThat(rows("DESCRIBE main.ml.events"))
        .containsExactly(Arrays.asList("id", "bigint", null), Arrays.asList("x", "int", null));
  }

  @Test
  void nothingButReadingIsAllowed() {
    for (String sql :
        List.of(
            "CREATE TABLE t AS SELECT 1",
            "INSERT INTO main.ml.events VALUES (1, 2)",
            "SET spark.sql.ansi.enabled=false",
            "SELECT reflect('java.lang.System', 'getenv', 'HOME')",
            "SELECT (SELECT java_method('java.lang.System', 'exit', 1))",
            "WITH a AS (SELECT reflect('java.lang.System', 'getenv', 'HOME')) SELECT * FROM a",
            "SELECT TRANSFORM(id) USING 'cat' FROM main.ml.events",
            "SELECT * FROM read_files('/etc/hostname')")) {
      assertThatThrownBy(() -> rows(sql))
          .as(sql)
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining(ErrorCode.QUERY_NOT_READ_ONLY.label());
    }
  }

  @Test
  void filesAreNoTables() {
    assertThatThrownBy(() -> rows("SELECT * FROM text.`/etc/hostname`"))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(ErrorCode.TABLE_NOT_FOUND.label());
  }

  @Test
  void mistakesAreTold() {
    assertThatThrownBy(() -> rows("SELECT y FROM main.ml.events"))
        .hasMessageContaining(ErrorCode.QUERY_INVALID.label())
        .hasMessageContaining("`y`");
    assertThatThrownBy(() -> rows("SELECT 1 / (x - x) FROM main.ml.events"))
        .hasMessageContaining(ErrorCode.QUERY_INVALID.label())
        .hasMessageContaining("DIVIDE_BY_ZERO");
    assertThatThrownBy(() -> rows("SELECT * FROM events"))
        .hasMessageContaining("write main.ml.events.");
  }
}
