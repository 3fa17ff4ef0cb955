package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.Call;
import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.plan.Selection;
import io.scorebatch.api.plan.Selection.Between;
import io.scorebatch.api.plan.Selection.Changed;
import io.scorebatch.api.plan.Selection.Touched;
import io.scorebatch.api.plan.Selection.Unscored;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.engine.duckdb.KeyChecks.KeyCheck;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Keys, look-ups and functions of a plan as one SELECT. Columns go by aliases of our own ({@code
 * _c0}, {@code _c1} …), so names that tables and users chose never meet. One thread at a time.
 *
 * <p>Where a plain look-up may take the newest of several rows, and where a point in time has
 * several rows of the same moment, the pick does not depend on threads: {@code LATEST} takes the
 * row that stands last in the table (later file of the snapshot, then later row); a tie in time is
 * won by the row that sorts last by its feature values, in the look-up's order, NULL lowest.
 */
final class JoinedRows {
  /**
   * A column of the joined rows.
   *
   * @param alias its name in the SQL
   * @param type its type
   * @param origin where its values come from, for messages
   */
  record Cell(String alias, ColumnType type, String origin) {}

  /**
   * How a look-up was carried out.
   *
   * @param lookup the look-up
   * @param flag the column that is true where it matched; empty where it does always
   * @param stale the column that is true where all rows of the key are too old; empty where that
   *     cannot be
   * @param moment where it has a point in time
   */
  record Matched(
      Lookup lookup, Optional<String> flag, Optional<String> stale, Optional<Moment> moment) {}

  /** Columns with the time of the feature row used and the time asked for, UTC microseconds. */
  record Moment(String used, String asked) {}

  /** Where rows are counted as they pass by, by a function that the database must know. */
  enum Tick {
    /** Rows of the key source. */
    KEYS,
    /** Those of them that are joined. */
    ASKED,
    /** Joined rows before some of them are selected. */
    JOINED;

    String function() {
      return "_sb_tick" + ordinal();
    }

    private String column() {
      return "_tick" + ordinal();
    }
  }

  private final Instance instance;
  private final TableScans scans;
  private final KeyChecks checks;
  private final RunControl control;
  private final Map<String, Cell> cells = new LinkedHashMap<>();
  private final List<String> live = new ArrayList<>();
  private final List<Matched> lookups = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<JavaFunction> functions = new ArrayList<>();
  private final List<String> failures = new ArrayList<>();
  private final List<Tick> ticks = new ArrayList<>();
  private final ScoringPlan plan;
  private String sql = "";
  private Optional<SharedMoments.Lease> shared = Optional.empty();
  private boolean joins;
  private boolean multiplied;

  private JoinedRows(
      ScoringPlan plan, Instance instance, TableScans scans, KeyChecks checks, RunControl control) {
    this.plan = plan;
    this.instance = instance;
    this.scans = scans;
    this.checks = checks;
    this.control = control;
  }

  /**
   * Builds the rows of a plan. Reads what it must know of the tables' keys.
   *
   * @param shared the rows of histories that the keys see, where they are known
   */
  static JoinedRows of(
      ScoringPlan plan,
      Instance instance,
      TableScans scans,
      KeyChecks checks,
      Optional<SharedMoments.Lease> shared,
      RunControl control)
      throws SQLException {
    JoinedRows rows = new JoinedRows(plan, instance, scans, checks, control);
    rows.shared = shared;
    rows.keys();
    rows.narrowKeys();
    for (PlanStep step : plan.steps()) {
      if (step instanceof Compute compute) {
        rows.compute(compute);
      } else if (step instanceof Call call) {
        rows.call(call);
      } else if (!rows.isDone((Lookup) step)) {
        rows.lookup((Lookup) step);
      }
    }
    rows.narrowJoined();
    return rows;
  }

  String sql() {
    return sql;
  }

  /** All columns of the SELECT. */
  List<String> live() {
    return live;
  }

  List<Matched> lookups() {
    return lookups;
  }

  List<String> notes() {
    return notes;
  }

  /** Columns that tell why a function failed for a row; NULL where it did not. */
  List<String> failures() {
    return failures;
  }

  /** Where rows are counted. */
  List<Tick> ticks() {
    return ticks;
  }

  /** The columns that must reach the model's function for rows to be counted. */
  List<String> tickColumns() {
    return ticks.stream().map(Tick::column).toList();
  }

  /** The columns that the key source brings. */
  List<String> keyAliases() {
    return plan.keys().columns().stream().map(column -> cell(column.name()).alias()).toList();
  }

  /** What a function in Java threw first. */
  Optional<ScorebatchException> functionFailure() {
    return functions.stream().flatMap(f -> Optional.ofNullable(f.failure()).stream()).findFirst();
  }

  /** Whether rows of the key source are left out. */
  boolean narrowed() {
    return plan.rows().sample().isPresent()
        || plan.rows().selections().stream().anyMatch(s -> !(s instanceof Between));
  }

  /** Whether a look-up is joined. */
  boolean joins() {
    return joins;
  }

  /** Whether a look-up may give several rows for one. */
  boolean multiplied() {
    return multiplied;
  }

  /** The column of that name: as written, else ignoring case. */
  Cell cell(String name) {
    Cell exact = cells.get(name);
    if (exact != null) {
      return exact;
    }
    return cells.entrySet().stream()
        .filter(e -> e.getKey().equalsIgnoreCase(name))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElseThrow(() -> EngineFailures.planColumnNotFound(name, cells.keySet()));
  }

  private String add(String name, ColumnType type, String origin) {
    String alias = "_c" + cells.size();
    cells.put(name, new Cell(alias, type, origin));
    live.add(alias);
    return alias;
  }

  private void keys() throws SQLException {
    KeySource keys = plan.keys();
    if (keys instanceof KeySource.TableRows rows) {
      tableKeys(rows);
      return;
    }
    String origin = KeySources.origin(keys);
    List<String> columns = new ArrayList<>();
    for (Column column : keys.columns()) {
      String alias = add(column.name(), column.type(), origin + ", column " + column.name());
      columns.add(KeySources.value(keys, column) + " AS " + alias);
    }
    sql = "SELECT " + String.join(", ", columns) + " FROM " + KeySources.relation(instance, keys);
    List<String> bounds =
        bounds().stream()
            .map(between -> SelectionSql.holds(between, Sql.name(between.column())))
            .toList();
    sql += bounds.isEmpty() ? "" : " WHERE " + String.join(" AND ", bounds);
  }

  private List<Between> bounds() {
    return plan.rows().selections().stream()
        .flatMap(selection -> selection instanceof Between b ? Stream.of(b) : Stream.empty())
        .toList();
  }

  private void tableKeys(KeySource.TableRows rows) throws SQLException {
    TableSnapshot table = rows.table();
    Map<String, String> columns = new LinkedHashMap<>();
    for (Column column : rows.columns()) {
      columns.put(add(column.name(), column.type(), origin(table, column.name())), column.name());
    }
    List<Lookup> own = new ArrayList<>();
    for (PlanStep step : plan.steps()) {
      if (step instanceof Lookup lookup && isOwn(lookup, rows, instance, checks, control)) {
        own.add(lookup);
      }
    }
    for (Lookup lookup : own) {
      for (Lookup.Feature feature : lookup.features()) {
        columns.put(
            add(
                feature.output(),
                type(lookup.table(), feature.column()),
                origin(lookup.table(), feature.column())),
            feature.column());
      }
      Optional<Moment> moment =
          Optional.ofNullable(lookup.timestamp())
              .map(time -> instant(cell(time.request())))
              .map(time -> new Moment(time, time));
      lookups.add(new Matched(lookup, Optional.empty(), Optional.empty(), moment));
      notes.add(
          "keys are the own and unique keys of "
              + table.name()
              + ": its features are read without a join");
    }
    if (shared.isPresent()) {
      sharedKeys(shared.get());
      return;
    }
    String scan = withinBounds(table, columns);
    boolean distinct = rows.distinct() && own.isEmpty();
    sql = distinct ? "SELECT DISTINCT * FROM (" + scan + ")" : scan;
  }

  private String withinBounds(TableSnapshot table, Map<String, String> columns)
      throws SQLException {
    List<Between> bounds = bounds();
    if (bounds.isEmpty()) {
      return scans.select(instance, table, columns, false);
    }
    Map<String, String> all = new LinkedHashMap<>(columns);
    List<String> conditions = new ArrayList<>();
    for (Between between : bounds) {
      String alias = "_w" + conditions.size();
      all.put(alias, between.column());
      conditions.add(SelectionSql.holds(between, alias));
    }
    return "SELECT "
        + String.join(", ", columns.keySet())
        + " FROM ("
        + scans.select(instance, table, all, false)
        + ") WHERE "
        + String.join(" AND ", conditions);
  }

  /**
   * Leaves the keys that are to be scored, as far as they alone tell. Counts rows where not every
   * one of them becomes a row scored, or where a join might lose or multiply them.
   */
  private void narrowKeys() throws SQLException {
    List<Selection> early = plan.rows().selections().stream().filter(this::ofKeys).toList();
    joins = plan.steps().stream().anyMatch(s -> s instanceof Lookup lookup && !isDone(lookup));
    boolean sampled = late().isEmpty() && plan.rows().sample().isPresent();
    if (joins || !early.isEmpty() || !late().isEmpty() || sampled) {
      tick(Tick.KEYS);
    }
    for (Selection selection : early) {
      select(selection);
    }
    if (sampled) {
      sql = SampleSql.of(plan.rows().sample().get(), this);
    }
    if (joins && (!early.isEmpty() || sampled)) {
      tick(Tick.ASKED);
    }
  }

  /** Leaves the rows that are to be scored, as far as they can be told before their inputs are. */
  private void narrowJoined() throws SQLException {
    if (late().isEmpty()) {
      return;
    }
    if (joins) {
      tick(Tick.JOINED);
    }
    for (Selection selection : late()) {
      if (!(selection instanceof Changed)) {
        select(selection);
      }
    }
    if (late().stream().noneMatch(selection -> selection instanceof Changed)) {
      sampleJoined();
    }
  }

  /**
   * Leaves the rows whose inputs have changed, the last selection there is.
   *
   * @param changed the selection
   * @param fingerprint of a row, in SQL
   * @param anyway true in SQL for rows that stay whatever their fingerprint
   */
  void narrowChanged(Changed changed, String fingerprint, String anyway) throws SQLException {
    sql = new SelectionSql(instance, scans).changed(this, changed, fingerprint, anyway);
  }

  /** Takes the sample where it had to wait for selections. */
  void sampleJoined() {
    plan.rows().sample().ifPresent(sample -> sql = SampleSql.of(sample, this));
  }

  private void select(Selection selection) throws SQLException {
    SelectionSql selections = new SelectionSql(instance, scans);
    sql =
        selection instanceof Unscored unscored
            ? selections.unscored(this, unscored)
            : selections.touched(this, (Touched) selection);
  }

  private boolean ofKeys(Selection selection) {
    return (selection instanceof Unscored || selection instanceof Touched)
        && SelectionSql.knows(plan.keys().columns().stream().map(Column::name), selection);
  }

  /** Selections that need what is joined. */
  private List<Selection> late() {
    return plan.rows().selections().stream()
        .filter(selection -> !(selection instanceof Between || ofKeys(selection)))
        .toList();
  }

  /**
   * The keys with the place and time of the row that each sees: columns {@code _p0}, {@code _q0}.
   */
  private void sharedKeys(SharedMoments.Lease lease) {
    List<String> columns = new ArrayList<>();
    for (int i = 0; i < live.size(); i++) {
      columns.add("c" + i + " AS " + live.get(i));
    }
    for (int i = 0; i < lease.lookups().size(); i++) {
      columns.add("p" + i + " AS _p" + i);
      columns.add("t" + i + " AS _q" + i);
      live.add("_p" + i);
      live.add("_q" + i);
    }
    sql =
        "SELECT "
            + String.join(", ", columns)
            + " FROM read_parquet("
            + Sql.file(lease.file().toString())
            + ", hive_partitioning = false)";
  }

  private boolean isDone(Lookup lookup) {
    return lookups.stream().anyMatch(l -> l.lookup().equals(lookup));
  }

  /** Whether a look-up finds, for each row of the keys' own table, that very row. */
  static boolean isOwn(
      Lookup lookup,
      KeySource.TableRows rows,
      Instance instance,
      KeyChecks checks,
      RunControl control)
      throws SQLException {
    TableSnapshot table = rows.table();
    if (!SnapshotKey.of(table).equals(SnapshotKey.of(lookup.table()))) {
      return false;
    }
    Map<String, String> pairs = new HashMap<>();
    lookup.keys().forEach(pair -> pairs.put(pair.table(), pair.request()));
    if (lookup.timestamp() != null) {
      pairs.put(lookup.timestamp().table(), lookup.timestamp().request());
    }
    boolean sameColumns =
        pairs.entrySet().stream()
            .allMatch(
                pair ->
                    pair.getKey().equalsIgnoreCase(pair.getValue())
                        && rows.columns().stream()
                            .anyMatch(c -> c.name().equalsIgnoreCase(pair.getValue())));
    return sameColumns
        && checks.check(instance, table, List.copyOf(pairs.keySet()), control).identifiesRows();
  }

  private void tick(Tick tick) {
    sql =
        "SELECT *, "
            + tick.function()
            + "()."
            + ModelFunction.COUNTED
            + " AS "
            + tick.column()
            + " FROM ("
            + sql
            + ")";
    live.add(tick.column());
    ticks.add(tick);
  }

  private void lookup(Lookup lookup) throws SQLException {
    TableSnapshot table = lookup.table();
    Lookup.PointInTime moment = lookup.timestamp();
    List<String> keys = new ArrayList<>(lookup.keys().stream().map(Lookup.KeyPair::table).toList());
    List<String> requests =
        new ArrayList<>(lookup.keys().stream().map(p -> cell(p.request()).alias()).toList());
    if (moment != null) {
      keys.add(moment.table());
      requests.add(cell(moment.request()).alias());
    }
    // A look-back of nothing is an equality like that of the keys.
    boolean newest = moment != null && !Long.valueOf(0).equals(moment.lookbackMicros());
    int known = shared.map(lease -> lease.lookups().indexOf(lookup)).orElse(-1);
    String right = known < 0 ? features(lookup, keys, newest) : featuresByPlace(lookup);

    String flag = "_m" + lookups.size();
    String there = known < 0 ? "f.m IS NOT NULL" : "r._p" + known + " IS NOT NULL";
    String matched = there;
    StringBuilder on = new StringBuilder();
    int equalities = newest ? keys.size() - 1 : keys.size();
    for (int i = 0; i < equalities; i++) {
      on.append(i == 0 ? "" : " AND ").append("r." + requests.get(i) + " = f.k" + i);
    }
    String found = known < 0 ? "f.k" + equalities : "r._q" + known;
    if (newest && moment != null) {
      String asked = "r." + requests.get(equalities);
      on.append(equalities == 0 ? "" : " AND ").append(asked + " >= " + found);
      if (moment.lookbackMicros() != null) {
        matched =
            matched
                + " AND "
                + micros(asked, cell(moment.request()).type())
                + " - "
                + micros(found, type(table, moment.table()))
                + " <= "
                + moment.lookbackMicros();
      }
    }
    List<String> columns = new ArrayList<>(live.stream().map(c -> "r." + c).toList());
    for (int i = 0; i < lookup.features().size(); i++) {
      Lookup.Feature feature = lookup.features().get(i);
      String alias =
          add(feature.output(), type(table, feature.column()), origin(table, feature.column()));
      boolean ageMatters = newest && moment != null && moment.lookbackMicros() != null;
      columns.add(
          (ageMatters ? "CASE WHEN " + matched + " THEN f.f" + i + " END" : "f.f" + i)
              + " AS "
              + alias);
    }
    columns.add("coalesce(" + matched + ", false) AS " + flag);
    live.add(flag);
    Optional<String> stale = Optional.empty();
    Optional<Moment> time = Optional.empty();
    if (moment != null) {
      Cell asked = cell(moment.request());
      String used = "_t" + lookups.size();
      Cell seen =
          newest
              ? new Cell(found, type(table, moment.table()), "")
              : new Cell("r." + asked.alias(), asked.type(), "");
      columns.add("CASE WHEN " + matched + " THEN " + instant(seen) + " END AS " + used);
      live.add(used);
      time = Optional.of(new Moment(used, instant(asked)));
      if (newest && moment.lookbackMicros() != null) {
        String tooOld = "_s" + lookups.size();
        columns.add("(" + there + " AND NOT coalesce(" + matched + ", false)) AS " + tooOld);
        live.add(tooOld);
        stale = Optional.of(tooOld);
      }
    }
    lookups.add(new Matched(lookup, Optional.of(flag), stale, time));
    sql =
        "SELECT "
            + String.join(", ", columns)
            + " FROM ("
            + sql
            + ") r "
            + (newest && known < 0 ? "ASOF LEFT JOIN (" : "LEFT JOIN (")
            + right
            + ") f ON "
            + (known < 0 ? on : "r._p" + known + " = f." + TableScans.POSITION);
  }

  /** Features {@code f0} … of every row, with its place. */
  private String featuresByPlace(Lookup lookup) throws SQLException {
    List<String> columns = lookup.features().stream().map(Lookup.Feature::column).toList();
    return scans.select(instance, lookup.table(), TableScans.numbered("f", columns), true);
  }

  /** Keys {@code k0} …, features {@code f0} … and {@code m} of the feature table, a key once. */
  private String features(Lookup lookup, List<String> keys, boolean newest) throws SQLException {
    TableSnapshot table = lookup.table();
    Map<String, String> columns = TableScans.numbered("k", keys);
    columns.putAll(
        TableScans.numbered("f", lookup.features().stream().map(Lookup.Feature::column).toList()));
    boolean all = !newest && lookup.duplicates() == DuplicateKeys.MULTIPLY;
    multiplied |= all;
    KeyCheck check =
        all ? new KeyCheck(0, 0, 0, "", 0) : checks.check(instance, table, keys, control);
    if (check.duplicates() == 0) {
      return "SELECT *, true AS m FROM (" + scans.select(instance, table, columns, false) + ")";
    }
    if (!newest && lookup.duplicates() == DuplicateKeys.FAIL) {
      throw EngineFailures.duplicateKeys(table, check);
    }
    boolean byPosition = lookup.duplicates() == DuplicateKeys.LATEST;
    notes.add(
        table.name()
            + " holds "
            + check.duplicates()
            + " keys more than once (such as "
            + check.sample()
            + "): the row that "
            + (byPosition ? "stands last in the table" : "sorts last by its features")
            + " is used");
    String order =
        byPosition
            ? TableScans.POSITION + " DESC"
            : IntStream.range(0, lookup.features().size())
                .mapToObj(i -> "f" + i + " DESC NULLS LAST")
                .collect(Collectors.joining(", "));
    return "SELECT *, true AS m FROM ("
        + scans.select(instance, table, columns, byPosition)
        + ") QUALIFY row_number() OVER (PARTITION BY "
        + IntStream.range(0, keys.size()).mapToObj(i -> "k" + i).collect(Collectors.joining(", "))
        + " ORDER BY "
        + order
        + ") = 1";
  }

  /** UTC microseconds in a type whose differences cannot overflow. */
  private static String micros(String time, ColumnType type) {
    return "CAST(" + instant(new Cell(time, type, "")) + " AS HUGEINT)";
  }

  private static String instant(Cell time) {
    return "epoch_us("
        + (time.type() == Primitive.DATE
            ? Sql.cast(time.alias(), Primitive.TIMESTAMP_NTZ)
            : time.alias())
        + ")";
  }

  private void compute(Compute compute) throws SQLException {
    String parameters =
        compute.bindings().entrySet().stream()
            .map(b -> cell(b.getValue()).alias() + " AS " + Sql.name(b.getKey()))
            .collect(Collectors.joining(", "));
    String inner =
        "SELECT *" + (parameters.isEmpty() ? "" : ", " + parameters) + " FROM (" + sql + ")";
    String before = String.join(", ", live);
    Map<String, ColumnType> parameterTypes = new LinkedHashMap<>();
    Map<String, String> arguments = new LinkedHashMap<>();
    compute
        .bindings()
        .forEach(
            (parameter, column) -> {
              parameterTypes.put(parameter, cell(column).type());
              arguments.put(parameter, cell(column).alias());
            });
    ColumnType type = UserSql.expressionType(instance, compute, parameterTypes);
    String value = "(" + compute.sql() + "\n)";
    String alias = add(compute.output(), type, "function " + compute.function());
    if (!tolerant() || !UserSql.canBeTried(instance, compute, parameterTypes)) {
      sql = "SELECT " + before + ", " + value + " AS " + alias + " FROM (" + inner + ")";
      return;
    }
    // A STRUCT tells a failure from a result of NULL.
    String tried = "SELECT " + before + ", TRY(struct_pack(v := " + value + ")) AS _tried FROM (";
    sql =
        "SELECT "
            + before
            + ", _tried.v AS "
            + alias
            + ", CASE WHEN _tried IS NULL THEN "
            + failed(compute.function(), arguments)
            + " END AS "
            + addFailure()
            + " FROM ("
            + tried
            + inner
            + "))";
  }

  /** Why a row is bad for which a function fails, in SQL over its arguments. */
  private static String failed(String function, Map<String, String> arguments) {
    List<String> shown = new ArrayList<>();
    arguments.forEach(
        (name, value) ->
            shown.add(
                Sql.text((shown.isEmpty() ? "" : ", ") + name + " = ")
                    + " || coalesce(left("
                    + Sql.cast(value, Primitive.STRING)
                    + ", 200), 'NULL')"));
    return Sql.text("function " + function + " failed for ") + " || " + String.join(" || ", shown);
  }

  private String addFailure() {
    String alias = "_b" + failures.size();
    failures.add(alias);
    live.add(alias);
    return alias;
  }

  private boolean tolerant() {
    return plan.rows().onBadRow() != OnBadRow.FAIL;
  }

  private void call(Call call) throws SQLException {
    String name = "_sb_call" + functions.size();
    JavaFunction function = JavaFunction.register(instance, name, call, tolerant());
    functions.add(function);
    List<Cell> arguments =
        call.body().parameters().names().stream()
            .map(parameter -> cell(String.valueOf(call.bindings().get(parameter))))
            .toList();
    String before = String.join(", ", live);
    String called = "SELECT *, " + function.sql(name, arguments) + " AS _called FROM (" + sql + ")";
    String alias = add(call.output(), call.body().result(), "function " + call.function());
    String failure =
        tolerant() ? ", " + function.failureOf("_called", arguments) + " AS " + addFailure() : "";
    sql =
        "SELECT "
            + before
            + ", "
            + function.resultOf("_called")
            + " AS "
            + alias
            + failure
            + " FROM ("
            + called
            + ")";
  }

  private static String origin(TableSnapshot table, String column) {
    return "table " + table.name() + ", column " + column;
  }

  private static ColumnType type(TableSnapshot table, String column) {
    return table
        .schema()
        .find(column)
        .orElseThrow(() -> EngineFailures.columnNotFound(table, column))
        .type();
  }
}
