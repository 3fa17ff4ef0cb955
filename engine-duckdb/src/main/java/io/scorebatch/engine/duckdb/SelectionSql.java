package io.scorebatch.engine.duckdb;

import io.scorebatch.api.plan.PlanStep.Lookup.KeyPair;
import io.scorebatch.api.plan.Selection;
import io.scorebatch.api.plan.Selection.Between;
import io.scorebatch.api.plan.Selection.Changed;
import io.scorebatch.api.plan.Selection.Touched;
import io.scorebatch.api.plan.Selection.Unscored;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Selections in SQL, around the rows they choose from. Equal keys are equal where both are NULL.
 */
final class SelectionSql {
  private final Instance instance;
  private final TableScans scans;

  SelectionSql(Instance instance, TableScans scans) {
    this.instance = instance;
    this.scans = scans;
  }

  /** The tables that a selection reads. */
  static List<TableSnapshot> tables(Selection selection) {
    List<TableSnapshot> tables = new ArrayList<>();
    with(
        selection,
        table -> {
          tables.add(table);
          return table;
        });
    return tables;
  }

  /** The same selection with each of its tables replaced by what a function gives for it. */
  static Selection with(Selection selection, UnaryOperator<TableSnapshot> replacement) {
    if (selection instanceof Unscored unscored) {
      return new Unscored(
          replacement.apply(unscored.predictions()), unscored.keys(), unscored.where());
    }
    if (selection instanceof Changed changed) {
      return new Changed(
          replacement.apply(changed.predictions()),
          changed.keys(),
          changed.column(),
          changed.salt());
    }
    return selection instanceof Touched touched
        ? new Touched(
            touched.changes().stream()
                .map(c -> new Touched.Change(replacement.apply(c.rows()), c.keys()))
                .toList())
        : selection;
  }

  /** The columns of the rows that a selection must know. */
  static List<String> requests(Selection selection) {
    if (selection instanceof Unscored unscored) {
      return unscored.keys();
    }
    if (selection instanceof Touched touched) {
      return touched.changes().stream()
          .flatMap(c -> c.keys().stream())
          .map(KeyPair::request)
          .toList();
    }
    return selection instanceof Changed changed
        ? changed.keys()
        : List.of(((Between) selection).column());
  }

  /** True in SQL for values between the bounds. */
  static String holds(Between between, String value) {
    List<String> all = new ArrayList<>();
    if (between.after() != null) {
      all.add(value + " > " + literal(between.after()));
    }
    if (between.until() != null) {
      String least = value + " <= " + literal(between.until());
      all.add(between.after() == null ? "(" + value + " IS NULL OR " + least + ")" : least);
    }
    return all.isEmpty() ? "true" : String.join(" AND ", all);
  }

  /** A value as a literal of its own type: a column's may be narrower. */
  static String literal(Object value) {
    return value instanceof BigDecimal decimal
        ? Sql.literal(decimal.toPlainString(), typeOf(decimal))
        : Sql.literal(value, typeOf(value));
  }

  private static ColumnType typeOf(Object value) {
    if (value instanceof BigDecimal decimal) {
      int scale = Math.max(0, decimal.scale());
      return new Decimal(Math.max(decimal.precision() - decimal.scale() + scale, scale), scale);
    }
    if (value instanceof Long || value instanceof Integer) {
      return Primitive.LONG;
    }
    if (value instanceof Double) {
      return Primitive.DOUBLE;
    }
    if (value instanceof LocalDate) {
      return Primitive.DATE;
    }
    if (value instanceof Instant) {
      return Primitive.TIMESTAMP;
    }
    return value instanceof LocalDateTime ? Primitive.TIMESTAMP_NTZ : Primitive.STRING;
  }

  /** The rows whose key a table does not hold. */
  String unscored(JoinedRows rows, Unscored selection) throws SQLException {
    Map<String, String> columns = TableScans.numbered("k", selection.keys());
    List<String> conditions = new ArrayList<>();
    for (Map.Entry<String, Object> wanted : selection.where().entrySet()) {
      String alias = "w" + conditions.size();
      columns.put(alias, wanted.getKey());
      conditions.add(alias + " = " + literal(wanted.getValue()));
    }
    return "SELECT r.* FROM ("
        + rows.sql()
        + ") r ANTI JOIN (SELECT * FROM ("
        + scans.select(instance, selection.predictions(), columns, false)
        + ")"
        + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions))
        + ") p ON "
        + sameKeys(rows, selection.keys(), "p");
  }

  /** The rows whose keys changed rows hold. */
  String touched(JoinedRows rows, Touched selection) throws SQLException {
    StringBuilder sql = new StringBuilder();
    sql.append(live(rows)).append(" FROM (").append(rows.sql()).append(") r");
    List<String> flags = new ArrayList<>();
    for (Touched.Change change : selection.changes()) {
      String alias = "t" + flags.size();
      List<String> requests = change.keys().stream().map(KeyPair::request).toList();
      List<String> columns = change.keys().stream().map(KeyPair::table).toList();
      sql.append(" LEFT JOIN (")
          .append(distinct(change.rows(), TableScans.numbered("k", columns)))
          .append(") ")
          .append(alias)
          .append(" ON ")
          .append(sameKeys(rows, requests, alias));
      flags.add(alias + ".m");
    }
    return sql + " WHERE " + (flags.isEmpty() ? "false" : String.join(" OR ", flags));
  }

  private String distinct(TableSnapshot table, Map<String, String> columns) throws SQLException {
    return "SELECT DISTINCT *, true AS m FROM ("
        + scans.select(instance, table, columns, false)
        + ")";
  }

  /**
   * The rows whose fingerprint is another than a table holds for their key.
   *
   * @param fingerprint the row's fingerprint in SQL
   * @param anyway true in SQL for rows that are selected whatever their fingerprint
   */
  String changed(JoinedRows rows, Changed selection, String fingerprint, String anyway)
      throws SQLException {
    Map<String, String> columns = TableScans.numbered("k", selection.keys());
    String keys = String.join(", ", columns.keySet());
    columns = new LinkedHashMap<>(columns);
    columns.put("f", selection.column());
    // A key that is there twice would double rows: scored again, a merge leaves one.
    String known =
        "SELECT "
            + keys
            + ", CASE WHEN count(*) = 1 THEN any_value(f) END AS f FROM ("
            + scans.select(instance, selection.predictions(), columns, false)
            + ") GROUP BY ALL";
    String inner =
        live(rows)
            + ", p.f AS _known, "
            + fingerprint
            + " AS _now, "
            + anyway
            + " AS _anyway FROM ("
            + rows.sql()
            + ") r LEFT JOIN ("
            + known
            + ") p ON "
            + sameKeys(rows, selection.keys(), "p");
    return "SELECT "
        + String.join(", ", rows.live())
        + " FROM ("
        + inner
        + ") WHERE _anyway OR _now IS DISTINCT FROM _known";
  }

  private static String live(JoinedRows rows) {
    return rows.live().stream().map(c -> "r." + c).collect(Collectors.joining(", ", "SELECT ", ""));
  }

  private static String sameKeys(JoinedRows rows, List<String> requests, String other) {
    List<String> all = new ArrayList<>();
    for (String request : requests) {
      all.add(
          "r." + rows.cell(request).alias() + " IS NOT DISTINCT FROM " + other + ".k" + all.size());
    }
    return String.join(" AND ", all);
  }

  /** Whether all of a selection's columns are among some. */
  static boolean knows(Stream<String> known, Selection selection) {
    List<String> names = known.toList();
    return requests(selection).stream()
        .allMatch(request -> names.stream().anyMatch(request::equalsIgnoreCase));
  }
}
