package io.scorebatch.engine.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Stream;
import org.duckdb.BlockFunction;
import org.duckdb.BlockFunction.ResultField;
import org.duckdb.BlockFunction.ValueType;
import org.junit.jupiter.api.Test;

/**
 * Pins the driver: {@link BlockFunction} stands on bindings that are private to it. With a new
 * version, run this test and read the driver's changes before changing the number here.
 */
final class DriverTest {
  @Test
  void theDriverIsTheOneThisEngineIsBuiltFor() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:")) {
      assertThat(connection.getMetaData().getDatabaseProductVersion())
          .isEqualTo("v" + DuckDbScoringEngine.DRIVER_VERSION.replaceFirst("\\.\\d+$", ""));
    }
    assertThat(
            org.duckdb.DuckDBDriver.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .getPath())
        .endsWith("duckdb_jdbc-" + DuckDbScoringEngine.DRIVER_VERSION + ".jar");
  }

  @Test
  void blocksOfAllTypesGoBothWays() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      LongAdder trues = new LongAdder();
      BlockFunction.register(
          connection,
          "echo",
          List.of(ValueType.DOUBLE, ValueType.VARCHAR, ValueType.BOOLEAN),
          List.of(
              new ResultField("d", ValueType.DOUBLE),
              new ResultField("t", ValueType.VARCHAR),
              new ResultField("b", ValueType.BOOLEAN)),
          block -> {
            double[] numbers = new double[block.rows()];
            String[] texts = new String[block.rows()];
            boolean[] odd = new boolean[block.rows()];
            block.numbers(0, numbers);
            block.texts(1, texts);
            Object[] flags = new Object[block.rows()];
            block.values(2, ValueType.BOOLEAN, flags);
            trues.add(Stream.of(flags).filter(Boolean.TRUE::equals).count());
            for (int row = 0; row < odd.length; row++) {
              odd[row] = !Double.isNaN(numbers[row]) && numbers[row] % 2 != 0;
            }
            block.putNumbers(0, numbers);
            block.putTexts(1, texts);
            block.putFlags(2, odd);
          });
      // Sizes around those of a block and of its 64-bit masks of NULLs.
      for (int rows : new int[] {1, 63, 64, 65, 2047, 2048, 2049, 10_000}) {
        trues.reset();
        try (ResultSet result =
            statement.executeQuery(
                """
                SELECT count(*) FILTER (isnan(r.d) = (n IS NULL) AND (n IS NULL OR r.d = n)),
                  count(*) FILTER (r.t IS NOT DISTINCT FROM s),
                  count(*) FILTER (r.b = (coalesce(n, 0) %% 2 <> 0)),
                  count(*) FILTER (flag)
                FROM (SELECT *, echo(n, s, flag) AS r FROM (
                  SELECT CASE WHEN i %% 3 = 0 THEN NULL ELSE i::DOUBLE END AS n,
                    CASE WHEN i %% 5 = 0 THEN NULL ELSE repeat('é', (i %% 20)::INT) END AS s,
                    CASE WHEN i %% 7 = 0 THEN NULL ELSE i %% 2 = 0 END AS flag
                  FROM range(%d) t(i)))
                """
                    .formatted(rows))) {
          result.next();
          assertThat(result.getLong(1)).isEqualTo(rows);
          assertThat(result.getLong(2)).isEqualTo(rows);
          assertThat(result.getLong(3)).isEqualTo(rows);
          assertThat(trues.sum()).isEqualTo(result.getLong(4));
        }
      }
    }
  }

  @Test
  void aFailureInAFunctionIsAFailureOfTheStatementOnly() throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement()) {
      BlockFunction.register(
          connection,
          "deep",
          List.of(),
          List.of(new ResultField("b", ValueType.BOOLEAN)),
          block -> {
            throw new StackOverflowError("too deep");
          });
      assertThatThrownBy(() -> statement.executeQuery("SELECT deep() FROM range(10)"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("too deep");
      try (Statement next = connection.createStatement()) {
        assertThat(next.execute("SELECT 1")).isTrue();
      }
    }
  }
}
