package io.scorebatch.engine.duckdb;

import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.ColumnType;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * SQL that a user wrote: one read-only statement. It is parsed, never run, to find the tables it
 * names; those become views under names of our own, as some catalogs' names ({@code main}) are
 * DuckDB's own.
 *
 * @param sql the statement with each table's name replaced by its view's
 * @param tables the tables it reads
 */
record UserSql(String sql, Map<TableName, TableSnapshot> tables) {
  /** A name in the text, as the parser sees it. */
  private record Node(String type, List<String> names, OptionalInt location) {}

  /** Text in place of a dotted name of so many parts; {@code from} counts bytes of UTF-8. */
  private record Replacement(int from, int parts, String text) {}

  private static final String PART = "(?:\"(?:[^\"]|\"\")*\"|[\\w$\\x{80}-\\x{10FFFF}]+)";
  private static final String BLANK = "(?:\\s|--[^\\n]*\\n|/\\*.*?\\*/)*";
  private static final Pattern NAME_PART =
      Pattern.compile(BLANK + "\\.?" + BLANK + PART, Pattern.DOTALL);

  /**
   * @throws io.scorebatch.api.error.ScorebatchException where it is not one read-only statement, or
   *     a table is not there
   */
  static UserSql parse(Instance instance, String sql, TableStore store) throws SQLException {
    Parsed parsed = parse(instance, sql);
    if (!parsed.readOnly()) {
      throw EngineFailures.queryNotReadOnly(sql);
    }
    if (parsed.statements() != 1) {
      throw EngineFailures.queryInvalid(sql, parsed.message());
    }
    Set<String> withNames = withNames(instance, sql);
    Optional<String> show = show(instance, sql);
    if (show.isPresent() && show.get().toLowerCase(Locale.ROOT).contains("tables")) {
      return new UserSql(showTables(store), Map.of());
    }
    Map<TableName, TableSnapshot> tables = new LinkedHashMap<>();
    List<Replacement> replacements = new ArrayList<>();
    List<Node> nodes = nodes(instance, sql);
    for (Node node : nodes) {
      if (!node.type().equals("BASE_TABLE") || isOurs(node, withNames)) {
        continue;
      }
      TableName name = tableName(node, store);
      tables.computeIfAbsent(name, each -> store.materialize(LatestRows.snapshot(store, each)));
      if (node.location().isEmpty()) {
        // DESCRIBE and SUMMARIZE of a bare name: the parser keeps no place for it.
        String verb = show.orElse("").equals("SUMMARY") ? "SUMMARIZE " : "DESCRIBE ";
        return new UserSql(verb + view(name), tables);
      }
      replacements.add(new Replacement(node.location().getAsInt(), 3, view(name)));
    }
    for (Node node : nodes) {
      if (node.type().equals("COLUMN_REF") && node.names().size() > 3) {
        column(node, tables).ifPresent(replacements::add);
      }
    }
    return new UserSql(replace(sql, replacements), tables);
  }

  /** Makes the views the statement reads. */
  void createViews(Instance instance, TableScans scans) throws SQLException {
    Set<String> catalogs = new HashSet<>();
    Set<String> schemas = new HashSet<>();
    for (Map.Entry<TableName, TableSnapshot> table : tables.entrySet()) {
      TableName name = table.getKey();
      String catalog = Sql.name(catalog(name));
      String schema = catalog + "." + Sql.name(name.schema());
      if (catalogs.add(catalog.toLowerCase(Locale.ROOT))) {
        instance.execute("ATTACH ':memory:' AS " + catalog);
      }
      if (schemas.add(schema.toLowerCase(Locale.ROOT))) {
        instance.execute("CREATE SCHEMA IF NOT EXISTS " + schema);
      }
      String all =
          scans.select(instance, table.getValue(), TableScans.ownNames(table.getValue()), false);
      String rows =
          name.equals(table.getValue().name()) ? all : LatestRows.of(table.getValue(), all);
      instance.execute("CREATE VIEW " + view(name) + " AS " + rows);
    }
  }

  /** Makes the statement the view that keys are read from. */
  void createKeyView(Instance instance) throws SQLException {
    instance.execute("CREATE VIEW " + KeySources.QUERY_VIEW + " AS " + sql);
  }

  /** The type of a function's result; also proves that it is one expression over its parameters. */
  static ColumnType expressionType(
      Instance instance, Compute compute, Map<String, ColumnType> parameters) throws SQLException {
    String select = "SELECT (" + compute.sql() + "\n)";
    try {
      Parsed parsed = parse(instance, select);
      if (parsed.statements() < 0 && parsed.readOnly()) {
        throw EngineFailures.functionInvalid(compute, parsed.message());
      }
      if (parsed.statements() != 1 || hasMoreThanOneExpression(instance, select)) {
        throw EngineFailures.functionInvalid(compute, "It is not one expression.");
      }
      return instance.query(
          "SELECT column_type FROM (DESCRIBE " + select + from(parameters) + ")",
          rows -> {
            rows.next();
            return DuckTypes.parse(rows.getString(1));
          });
    } catch (SQLException e) {
      throw EngineFailures.functionInvalid(compute, EngineFailures.firstLine(e));
    }
  }

  /** Proves that a text is one condition over some columns. */
  static void checkPredicate(Instance instance, String predicate, Map<String, ColumnType> columns)
      throws SQLException {
    String select = "SELECT (" + predicate + "\n)";
    try {
      Parsed parsed = parse(instance, select);
      if (parsed.statements() != 1 || hasMoreThanOneExpression(instance, select)) {
        throw EngineFailures.predicateInvalid(
            predicate, parsed.statements() < 0 ? parsed.message() : "It is not one expression.");
      }
      String type =
          instance.query(
              "SELECT column_type FROM (DESCRIBE " + select + from(columns) + ")",
              rows -> {
                rows.next();
                return rows.getString(1);
              });
      if (!type.equals("BOOLEAN")) {
        throw EngineFailures.predicateInvalid(predicate, "It is a " + type + ", no condition.");
      }
    } catch (SQLException e) {
      throw EngineFailures.predicateInvalid(predicate, EngineFailures.firstLine(e));
    }
  }

  /**
   * Whether a function that {@link #expressionType} took may stand in TRY: not where it is random.
   */
  static boolean canBeTried(
      Instance instance, Compute compute, Map<String, ColumnType> parameters) {
    try {
      return instance.query(
          "DESCRIBE SELECT TRY((" + compute.sql() + "\n))" + from(parameters), rows -> true);
    } catch (SQLException e) {
      return false;
    }
  }

  private static String from(Map<String, ColumnType> parameters) {
    String row =
        parameters.entrySet().stream()
            .map(p -> Sql.literal(null, p.getValue()) + " AS " + Sql.name(p.getKey()))
            .collect(Collectors.joining(", "));
    return row.isEmpty() ? "" : " FROM (SELECT " + row + ")";
  }

  private static String tree(String sql) {
    return "json_tree(json_serialize_sql(" + Sql.text(sql) + ")::JSON)";
  }

  /**
   * What the parser says of a text.
   *
   * @param statements how many statements it holds, all of them queries; -1 where it says no
   * @param readOnly false where it parses but holds another kind of statement
   * @param message why it says no
   */
  private record Parsed(int statements, boolean readOnly, String message) {}

  private static Parsed parse(Instance instance, String sql) throws SQLException {
    return instance.query(
        "SELECT s->>'error', s->>'error_type', s->>'error_message',"
            + " json_array_length(s, '$.statements') FROM (SELECT json_serialize_sql("
            + Sql.text(sql)
            + ")::JSON AS s)",
        rows -> {
          rows.next();
          return rows.getBoolean(1)
              ? new Parsed(
                  -1, !"not implemented".equals(rows.getString(2)), rows.getString(3) + ".")
              : new Parsed(rows.getInt(4), true, "It holds " + rows.getInt(4) + " statements.");
        });
  }

  private static boolean hasMoreThanOneExpression(Instance instance, String sql)
      throws SQLException {
    return instance.query(
        "SELECT count(*) FILTER (type = 'OBJECT' AND value->>'type' IN ('BASE_TABLE',"
            + " 'TABLE_FUNCTION', 'SET_OPERATION_NODE')), max(CASE WHEN fullkey ="
            + " '$.statements[0].node.select_list' THEN json_array_length(value) END) FROM "
            + tree(sql),
        rows -> {
          rows.next();
          return rows.getInt(1) > 0 || rows.getInt(2) != 1;
        });
  }

  private static Set<String> withNames(Instance instance, String sql) throws SQLException {
    return instance.query(
        "SELECT value->>'key' FROM "
            + tree(sql)
            + " WHERE type = 'OBJECT' AND (value->'value'->'query_node') IS NOT NULL",
        rows -> {
          Set<String> names = new HashSet<>();
          while (rows.next()) {
            names.add(rows.getString(1).toLowerCase(Locale.ROOT));
          }
          return names;
        });
  }

  /** What a SHOW, DESCRIBE or SUMMARIZE shows. */
  private static Optional<String> show(Instance instance, String sql) throws SQLException {
    return instance.query(
        "SELECT value->>'show_type', value->>'table_name' FROM "
            + tree(sql)
            + " WHERE fullkey = '$.statements[0].node.from_table'"
            + " AND value->>'type' = 'SHOW_REF'",
        rows -> {
          if (!rows.next()) {
            return Optional.empty();
          }
          boolean special = rows.getString(1).equals("SHOW_SPECIAL");
          return Optional.of(special ? rows.getString(2) : rows.getString(1));
        });
  }

  private static List<Node> nodes(Instance instance, String sql) throws SQLException {
    return instance.query(
        "SELECT kind, CASE kind WHEN 'COLUMN_REF' THEN CAST(value->'column_names' AS VARCHAR[])"
            + " ELSE [(value->>'catalog_name'), (value->>'schema_name'), (value->>'table_name')]"
            + " END, (value->>'query_location')"
            + " FROM (SELECT value, (value->>'type') AS kind FROM "
            + tree(sql)
            + " WHERE type = 'OBJECT') WHERE kind IN ('BASE_TABLE', 'COLUMN_REF')",
        rows -> {
          List<Node> nodes = new ArrayList<>();
          while (rows.next()) {
            List<String> names = new ArrayList<>();
            for (Object name : (Object[]) rows.getArray(2).getArray()) {
              names.add(String.valueOf(name));
            }
            String location = rows.getString(3);
            OptionalInt at =
                location.length() > 10
                    ? OptionalInt.empty()
                    : OptionalInt.of(Integer.parseInt(location));
            nodes.add(new Node(rows.getString(1), names, at));
          }
          return nodes;
        });
  }

  /** Names that are no table of the catalog's: a WITH query, DuckDB's own schemas. */
  private static boolean isOurs(Node node, Set<String> withNames) {
    String catalog = node.names().get(0);
    String schema = node.names().get(1).toLowerCase(Locale.ROOT);
    boolean bare = catalog.isEmpty() && schema.isEmpty();
    return bare
        ? withNames.contains(node.names().get(2).toLowerCase(Locale.ROOT))
        : catalog.isEmpty() && Set.of("information_schema", "pg_catalog").contains(schema);
  }

  private static TableName tableName(Node node, TableStore store) {
    if (node.names().get(0).isEmpty()) {
      throw EngineFailures.tableNameIncomplete(node.names(), store.list());
    }
    return new TableName(node.names().get(0), node.names().get(1), node.names().get(2));
  }

  private static Optional<Replacement> column(Node node, Map<TableName, TableSnapshot> tables) {
    List<String> names = node.names();
    return tables.keySet().stream()
        .filter(
            t ->
                t.catalog().equalsIgnoreCase(names.get(0))
                    && t.schema().equalsIgnoreCase(names.get(1))
                    && t.table().equalsIgnoreCase(names.get(2)))
        .findFirst()
        .filter(t -> node.location().isPresent())
        .map(
            t -> {
              String rest =
                  names.stream().skip(3).map(n -> "." + Sql.name(n)).collect(Collectors.joining());
              return new Replacement(node.location().orElseThrow(), names.size(), view(t) + rest);
            });
  }

  private static String replace(String sql, List<Replacement> replacements) {
    byte[] bytes = sql.getBytes(StandardCharsets.UTF_8);
    StringBuilder text = new StringBuilder();
    int at = 0;
    replacements.sort(Comparator.comparingInt(Replacement::from));
    for (Replacement replacement : replacements) {
      int from = new String(bytes, 0, replacement.from(), StandardCharsets.UTF_8).length();
      text.append(sql, at, from).append(replacement.text());
      at = nameEnd(sql, from, replacement.parts());
    }
    return text.append(sql, at, sql.length()).toString();
  }

  /** Where a dotted name ends. The parser's own lengths also cover an alias after it. */
  private static int nameEnd(String sql, int from, int parts) {
    Matcher part = NAME_PART.matcher(sql);
    int at = from;
    for (int i = 0; i < parts; i++) {
      if (!part.region(at, sql.length()).lookingAt()) {
        throw new IllegalStateException("no name at character " + at + " of: " + sql);
      }
      at = part.end();
    }
    return at;
  }

  private static String showTables(TableStore store) {
    String header =
        "SELECT * FROM (SELECT '' AS catalog, '' AS schema, '' AS \"table\" WHERE false";
    return store.list().stream()
        .map(
            t ->
                " UNION ALL SELECT "
                    + Sql.text(t.catalog())
                    + ", "
                    + Sql.text(t.schema())
                    + ", "
                    + Sql.text(t.table()))
        .collect(Collectors.joining("", header, ") ORDER BY ALL"));
  }

  private static String catalog(TableName name) {
    return "catalog:" + name.catalog();
  }

  private static String view(TableName name) {
    return Sql.name(catalog(name), name.schema(), name.table());
  }
}
