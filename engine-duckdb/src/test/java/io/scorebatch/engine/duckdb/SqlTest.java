package io.scorebatch.engine.duckdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

final class SqlTest {
  private static final List<Connection> OPEN = new ArrayList<>();

  @BeforeContainer
  static void open() throws SQLException {
    OPEN.add(DriverManager.getConnection("jdbc:duckdb:"));
  }

  @AfterContainer
  static void close() throws SQLException {
    OPEN.remove(0).close();
  }

  @Provide
  Arbitrary<String> hostile() {
    return Arbitraries.oneOf(
            Arbitraries.strings().withChars("'\";\\-/*.[]()${}%\n\r\t\0 aé😀").ofMaxLength(12),
            Arbitraries.strings().all().ofMaxLength(8))
        .filter(SqlTest::isUnicode);
  }

  private static boolean isUnicode(String text) {
    return text.codePoints().noneMatch(c -> Character.getType(c) == Character.SURROGATE);
  }

  @Property(tries = 500)
  void textsComeBackAsTheyWere(@ForAll("hostile") String text) throws SQLException {
    try (Statement statement = OPEN.get(0).createStatement();
        ResultSet row = statement.executeQuery("SELECT " + Sql.text(text))) {
      row.next();
      assertThat(row.getString(1)).isEqualTo(text);
    }
  }

  @Property(tries = 500)
  void namesComeBackAsTheyWere(@ForAll("hostile") String name) throws SQLException {
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      return;
    }
    try (Statement statement = OPEN.get(0).createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT t." + Sql.name(name) + " FROM (SELECT 7 AS " + Sql.name(name) + ") t")) {
      row.next();
      assertThat(row.getInt(1)).isEqualTo(7);
      assertThat(row.getMetaData().getColumnName(1)).isEqualTo(name);
    }
  }

  @Provide
  Arbitrary<ColumnType> types() {
    Arbitrary<ColumnType> plain =
        Arbitraries.oneOf(
            Arbitraries.of(Primitive.class).map(p -> p),
            Arbitraries.integers()
                .between(1, 38)
                .flatMap(
                    p ->
                        Arbitraries.integers()
                            .between(0, p)
                            .map(s -> (ColumnType) new ColumnType.Decimal(p, s))));
    return Arbitraries.lazyOf(
        () -> plain,
        () -> types().map(ColumnType.ArrayOf::new),
        () -> types().map(t -> new ColumnType.MapOf(Primitive.STRING, t)),
        () ->
            types()
                .map(
                    t ->
                        new ColumnType.StructOf(
                            List.of(Column.of("a \"b\", (c)", t), Column.of("x", t)))));
  }

  @Property(tries = 300)
  void typesComeBackAsTheyWere(@ForAll("types") ColumnType type) throws SQLException {
    try (Statement statement = OPEN.get(0).createStatement();
        ResultSet row =
            statement.executeQuery(
                "SELECT column_type FROM (DESCRIBE SELECT CAST(NULL AS "
                    + DuckTypes.sql(type)
                    + "))")) {
      row.next();
      assertThat(DuckTypes.parse(row.getString(1))).isEqualTo(type);
    }
  }
}
