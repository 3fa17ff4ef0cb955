package io.scorebatch.engine.duckdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DefaultsTest {
  private static String inPlaceOfNull(ColumnType type, String text) throws SQLException {
    String nothing = Sql.literal(null, type);
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery("SELECT " + Defaults.apply(nothing, "c", type, text))) {
      row.next();
      return String.valueOf(row.getObject(1));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "int, -1, -1",
    "int, ' +7 ', 7",
    "bigint, 9_000_000_000, 9000000000",
    "bigint, -9223372036854775808, -9223372036854775808",
    "smallint, 32767, 32767",
    "double, 1e3, 1000.0",
    "double, .5, 0.5",
    "double, 5., 5.0",
    "double, nan, NaN",
    "double, -Infinity, -Infinity",
    "double, 1e999, Infinity",
    "float, 0.1, 0.1",
    "float, 1e39, Infinity",
    "boolean, TRUE, true",
    "boolean, 1, false",
    "boolean, yes, false",
    "string, ' as it is', ' as it is'",
  })
  void defaultsAreReadAsNumPyReadsThem(String type, String text, String expected)
      throws SQLException {
    assertThat(inPlaceOfNull(ColumnType.parse(type).orElseThrow(), text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "int, 1.0",
    "int, 2147483648",
    "smallint, 32768",
    "bigint, 9223372036854775808",
    "int, 1e3",
    "int, 0x10",
    "int, _1",
    "double, 1d",
    "double, 0x1p3",
    "double, x",
    "tinyint, 1",
    "date, 2024-01-01",
    "'decimal(4,2)', 1.00",
  })
  void whatNumPyRefusesIsRefused(String type, String text) {
    ColumnType parsed = ColumnType.parse(type).orElseThrow();
    assertThatThrownBy(() -> Defaults.apply("c", "price", parsed, text))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining(
            "Default value '" + text + "' does not fit column 'price' of type " + parsed + ".");
  }

  @ParameterizedTest
  @CsvSource({"0.25, 0.5"})
  void valuesThatAreThereStay(String there, String text) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:duckdb:");
        Statement statement = connection.createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT "
                    + Defaults.apply(
                        Sql.literal(there, Primitive.DOUBLE), "c", Primitive.DOUBLE, text))) {
      row.next();
      assertThat(row.getDouble(1)).isEqualTo(0.25);
    }
  }
}
