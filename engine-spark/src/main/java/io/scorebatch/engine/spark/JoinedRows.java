package io.scorebatch.engine.spark;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.last;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.map_entries;
import static org.apache.spark.sql.functions.max_by;
import static org.apache.spark.sql.functions.not;
import static org.apache.spark.sql.functions.pmod;
import static org.apache.spark.sql.functions.struct;
import static org.apache.spark.sql.functions.unix_micros;
import static org.apache.spark.sql.functions.when;
import static org.apache.spark.sql.functions.xxhash64;

import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.Call;
import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.engine.spark.KeyChecks.KeyCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.expressions.Window;
import org.apache.spark.sql.expressions.WindowSpec;
import org.apache.spark.sql.types.DataTypes;

/**
 * Keys, look-ups and functions of a plan as one DataFrame. Columns go by aliases of our own ({@code
 * _c0}, {@code _c1} …), so names that tables and users chose never meet. One thread at a time.
 *
 * <p>Where a plain look-up may take the newest of several rows, and where a point in time has
 * several rows of the same moment, the pick does not depend on the cluster: {@code LATEST} takes
 * the row that stands last in the table (later file of the snapshot, then later row); a tie in time
 * is won by the row that sorts last by its feature values, in the look-up's order, NULL lowest.
 */
final class JoinedRows {
  /**
   * A column of the joined rows.
   *
   * @param alias its name in the DataFrame
   * @param type its type
   * @param origin where its values come from, for messages
   */
  record Cell(String alias, ColumnType type, String origin) {}

  /**
   * How a look-up was carried out, by columns of the joined rows.
   *
   * @param lookup the look-up
   * @param found true where it matched, never NULL
   * @param stale true where there was nothing but rows too old, never NULL
   * @param time LONG, microseconds of the row used; empty for look-ups without a point in time
   * @param age LONG, microseconds between the row used and the moment asked for
   */
  record Matched(
      Lookup lookup, Column found, Column stale, Optional<Column> time, Optional<Column> age) {}

  private static final int SALTS = 4096;

  private final Sources sources;
  private final Map<String, Cell> cells = new LinkedHashMap<>();
  private final List<String> live = new ArrayList<>();
  private final List<Matched> lookups = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private Dataset<Row> rows;
  private boolean multiplied;
  private boolean joined;

  /** What the rows are made from. */
  record Sources(TableScans scans, KeyChecks checks, KeyRows keys) {}

  private interface Keys {
    Dataset<Row> rows(KeySource source, List<String> aliases);
  }

  private JoinedRows(
      Sources sources, ScoringPlan plan, Keys keyRows, UnaryOperator<Dataset<Row>> onKeys) {
    this.sources = sources;
    List<Lookup> own = new ArrayList<>();
    if (plan.keys() instanceof KeySource.TableRows tableRows) {
      lookups(plan).filter(lookup -> isOwn(lookup, tableRows)).forEach(own::add);
    }
    Dataset<Row> keys = own.isEmpty() ? otherKeys(plan.keys(), keyRows) : ownKeys(plan.keys(), own);
    this.joined = lookups(plan).anyMatch(lookup -> !own.contains(lookup));
    this.rows = joined ? onKeys.apply(keys) : keys;
  }

  /**
   * Builds the rows of a plan. Reads what it must know of the tables' keys.
   *
   * @param onKeys what is done to the rows of the key source before they are joined; not called
   *     where nothing is joined
   */
  static JoinedRows of(ScoringPlan plan, Sources sources, UnaryOperator<Dataset<Row>> onKeys) {
    return of(plan, new JoinedRows(sources, plan, sources.keys()::rows, onKeys));
  }

  /** Builds the rows of a plan whose keys the caller brings. */
  static JoinedRows of(ScoringPlan plan, Sources sources, Dataset<Row> keys) {
    Keys brought = (source, aliases) -> sources.keys().rows(keys, source, aliases);
    return of(plan, new JoinedRows(sources, plan, brought, UnaryOperator.identity()));
  }

  private static JoinedRows of(ScoringPlan plan, JoinedRows rows) {
    for (PlanStep step : plan.steps()) {
      if (step instanceof Compute compute) {
        rows.compute(compute);
      } else if (step instanceof Call call) {
        rows.call(call);
      } else if (!rows.isDone((Lookup) step)) {
        rows.lookup((Lookup) step);
      }
    }
    return rows;
  }

  Dataset<Row> rows() {
    return rows;
  }

  List<Matched> lookups() {
    return lookups;
  }

  /** Where in {@link #lookups} a step stands; -1 where it is none. */
  int place(PlanStep step) {
    for (int i = 0; i < lookups.size(); i++) {
      if (lookups.get(i).lookup().equals(step)) {
        return i;
      }
    }
    return -1;
  }

  List<String> notes() {
    return notes;
  }

  /** Whether rows pass a join, so that their count has to be checked. */
  boolean joined() {
    return joined;
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
        .orElseThrow(() -> SparkFailures.planColumnNotFound(name, cells.keySet()));
  }

  private String add(String name, ColumnType type, String origin) {
    String alias = "_c" + cells.size();
    cells.put(name, new Cell(alias, type, origin));
    live.add(alias);
    return alias;
  }

  private static Stream<Lookup> lookups(ScoringPlan plan) {
    return plan.steps().stream().filter(Lookup.class::isInstance).map(Lookup.class::cast);
  }

  private Dataset<Row> otherKeys(KeySource keys, Keys keyRows) {
    List<String> aliases = new ArrayList<>();
    String origin = KeyRows.origin(keys);
    for (io.scorebatch.api.type.Column column : keys.columns()) {
      aliases.add(add(column.name(), column.type(), origin + ", column " + column.name()));
    }
    return keyRows.rows(keys, aliases);
  }

  private Dataset<Row> ownKeys(KeySource keys, List<Lookup> own) {
    TableSnapshot table = ((KeySource.TableRows) keys).table();
    Map<String, String> columns = new LinkedHashMap<>();
    for (io.scorebatch.api.type.Column column : keys.columns()) {
      columns.put(add(column.name(), column.type(), origin(table, column.name())), column.name());
    }
    for (Lookup lookup : own) {
      for (Lookup.Feature feature : lookup.features()) {
        String origin = origin(table, feature.column());
        columns.put(add(feature.output(), type(table, feature.column()), origin), feature.column());
      }
      Optional<Column> time =
          Optional.ofNullable(lookup.timestamp())
              .map(moment -> micros(col(cell(moment.request()).alias())));
      lookups.add(new Matched(lookup, lit(true), lit(false), time, time.map(found -> lit(0L))));
      notes.add(
          "keys are the own and unique keys of "
              + table.name()
              + ": its features are read without a join");
    }
    return sources.scans().rows(table, columns, false);
  }

  private boolean isDone(Lookup lookup) {
    return lookups.stream().anyMatch(l -> l.lookup().equals(lookup));
  }

  /** Whether a look-up finds, for each row of the keys' own table, that very row. */
  private boolean isOwn(Lookup lookup, KeySource.TableRows keys) {
    TableSnapshot table = keys.table();
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
                        && keys.columns().stream()
                            .anyMatch(c -> c.name().equalsIgnoreCase(pair.getValue())));
    return sameColumns
        && sources.checks().check(table, List.copyOf(pairs.keySet())).identifiesRows();
  }

  private void lookup(Lookup lookup) {
    Lookup.PointInTime moment = lookup.timestamp();
    // A look-back of nothing is an equality like that of the keys.
    if (moment != null && !Long.valueOf(0).equals(moment.lookbackMicros())) {
      pointInTime(lookup, moment);
      return;
    }
    List<String> keys = new ArrayList<>(lookup.keys().stream().map(Lookup.KeyPair::table).toList());
    List<String> requests =
        new ArrayList<>(lookup.keys().stream().map(p -> cell(p.request()).alias()).toList());
    if (moment != null) {
      keys.add(moment.table());
      requests.add(cell(moment.request()).alias());
    }
    String prefix = "_l" + lookups.size();
    Dataset<Row> features = features(lookup, keys, prefix);
    Column on = lit(true);
    for (int i = 0; i < keys.size(); i++) {
      on = on.and(col(requests.get(i)).equalTo(col(prefix + "k" + i)));
    }
    Dataset<Row> both = rows.join(features, on, "left_outer");
    List<Column> columns = new ArrayList<>(live.stream().map(c -> col(c)).toList());
    for (int i = 0; i < lookup.features().size(); i++) {
      Lookup.Feature feature = lookup.features().get(i);
      columns.add(col(prefix + "f" + i).as(addFeature(lookup, feature)));
    }
    columns.add(col(prefix + "m").isNotNull().as(prefix + "ok"));
    live.add(prefix + "ok");
    Column found = col(prefix + "ok");
    Optional<Column> time =
        Optional.ofNullable(moment).map(at -> when(found, micros(col(cell(at.request()).alias()))));
    lookups.add(new Matched(lookup, found, lit(false), time, time.map(at -> when(found, lit(0L)))));
    rows = both.select(columns.toArray(Column[]::new));
  }

  private String addFeature(Lookup lookup, Lookup.Feature feature) {
    TableSnapshot table = lookup.table();
    return add(feature.output(), type(table, feature.column()), origin(table, feature.column()));
  }

  /** Keys {@code k0} …, features {@code f0} … and {@code m} of the feature table, a key once. */
  private Dataset<Row> features(Lookup lookup, List<String> keys, String prefix) {
    TableSnapshot table = lookup.table();
    Map<String, String> columns = TableScans.numbered(prefix + "k", keys);
    List<String> keyAliases = List.copyOf(columns.keySet());
    columns.putAll(TableScans.numbered(prefix + "f", featureColumns(lookup)));
    boolean all = lookup.duplicates() == DuplicateKeys.MULTIPLY;
    multiplied |= all;
    KeyCheck check = all ? new KeyCheck(0, 0, 0, "", 0) : sources.checks().check(table, keys);
    if (check.duplicates() == 0) {
      return sources.scans().rows(table, columns, false).withColumn(prefix + "m", lit(true));
    }
    if (lookup.duplicates() == DuplicateKeys.FAIL) {
      throw SparkFailures.duplicateKeys(table, check);
    }
    noteDuplicates(table, check, true);
    Column[] features =
        columns.keySet().stream()
            .filter(c -> !keyAliases.contains(c))
            .map(c -> col(c))
            .toArray(Column[]::new);
    String newest = prefix + "newest";
    Dataset<Row> oneEach =
        sources
            .scans()
            .rows(table, columns, true)
            .filter(KeyChecks.complete(keyAliases))
            .groupBy(keyAliases.stream().map(k -> col(k)).toArray(Column[]::new))
            .agg(max_by(struct(features), col(TableScans.POSITION)).as(newest));
    List<Column> flat = new ArrayList<>(keyAliases.stream().map(k -> col(k)).toList());
    for (int i = 0; i < lookup.features().size(); i++) {
      flat.add(col(newest).getField(prefix + "f" + i).as(prefix + "f" + i));
    }
    flat.add(lit(true).as(prefix + "m"));
    return oneEach.select(flat.toArray(Column[]::new));
  }

  private void noteDuplicates(TableSnapshot table, KeyCheck check, boolean byPosition) {
    notes.add(
        table.name()
            + " holds "
            + check.duplicates()
            + " keys more than once (such as "
            + check.sample()
            + "): the row that "
            + (byPosition ? "stands last in the table" : "sorts last by its features")
            + " is used");
  }

  private static List<String> featureColumns(Lookup lookup) {
    return lookup.features().stream().map(Lookup.Feature::column).toList();
  }

  /**
   * Requests and features of a key in one window, by time: each request sees the last feature row
   * before it. A request without key or time is alone in its window, spread so that many of them do
   * not meet in one task.
   */
  private void pointInTime(Lookup lookup, Lookup.PointInTime moment) {
    TableSnapshot table = lookup.table();
    String prefix = "_l" + lookups.size();
    List<String> keys = lookup.keys().stream().map(Lookup.KeyPair::table).toList();
    Map<String, String> columns = TableScans.numbered(prefix + "k", keys);
    List<String> keyAliases = List.copyOf(columns.keySet());
    columns.putAll(TableScans.numbered(prefix + "f", featureColumns(lookup)));
    String time = prefix + "t";
    columns.put(time, moment.table());
    String salt = prefix + "salt";
    String found = prefix + "found";
    boolean byPosition = lookup.duplicates() == DuplicateKeys.LATEST;
    List<String> unique = new ArrayList<>(keys);
    unique.add(moment.table());
    KeyCheck check = sources.checks().check(table, unique);
    if (check.duplicates() > 0) {
      noteDuplicates(table, check, byPosition);
    }
    Dataset<Row> history = sources.scans().rows(table, columns, byPosition);

    List<Column> kept = new ArrayList<>();
    kept.add(col(time).as(time));
    IntStream.range(0, lookup.features().size())
        .forEach(i -> kept.add(col(prefix + "f" + i).as("f" + i)));
    if (byPosition) {
      kept.add(col(TableScans.POSITION).as(TableScans.POSITION));
    }
    List<Column> right = new ArrayList<>(keyAliases.stream().map(k -> col(k)).toList());
    right.add(col(time));
    right.add(lit(-1L).as(salt));
    right.add(struct(kept.toArray(Column[]::new)).as(found));
    Dataset<Row> features =
        history
            .filter(KeyChecks.complete(keyAliases).and(col(time).isNotNull()))
            .select(right.toArray(Column[]::new));

    Column asked = col(cell(moment.request()).alias());
    Column complete = asked.isNotNull();
    List<Column> left = new ArrayList<>(live.stream().map(c -> col(c)).toList());
    for (int i = 0; i < keyAliases.size(); i++) {
      Column request = col(cell(lookup.keys().get(i).request()).alias());
      complete = complete.and(request.isNotNull());
      left.add(request.as(keyAliases.get(i)));
    }
    left.add(asked.as(time));
    Column[] hashed =
        cells.values().stream()
            .filter(c -> live.contains(c.alias()) && c.type() instanceof ColumnType.Primitive)
            .map(c -> col(c.alias()))
            .toArray(Column[]::new);
    left.add(
        when(complete, lit(-1L))
            .otherwise(hashed.length == 0 ? lit(0L) : pmod(xxhash64(hashed), lit((long) SALTS)))
            .as(salt));
    Dataset<Row> requests = rows.select(left.toArray(Column[]::new));

    List<Column> order = new ArrayList<>();
    order.add(col(time).asc_nulls_first());
    // Features stand before the requests of the same moment.
    order.add(col(found).isNull().asc());
    if (byPosition) {
      order.add(col(found).getField(TableScans.POSITION).asc_nulls_first());
    } else if (check.duplicates() > 0) {
      for (int i = 0; i < lookup.features().size(); i++) {
        Column value = col(found).getField("f" + i);
        boolean map = type(table, lookup.features().get(i).column()) instanceof MapOf;
        order.add((map ? map_entries(value) : value).asc_nulls_first());
      }
    }
    WindowSpec window =
        Window.partitionBy(
                Stream.concat(Stream.of(salt), keyAliases.stream())
                    .map(k -> col(k))
                    .toArray(Column[]::new))
            .orderBy(order.toArray(Column[]::new))
            .rowsBetween(Window.unboundedPreceding(), Window.currentRow());
    String isRequest = prefix + "asked";
    String newest = prefix + "newest";
    Dataset<Row> both =
        requests
            .withColumn(isRequest, lit(true))
            .unionByName(features, true)
            .withColumn(newest, last(col(found), true).over(window))
            .filter(col(isRequest));

    Column any = col(newest).isNotNull();
    Column used = micros(col(newest).getField(time));
    Column age = exact(micros(col(time))).minus(exact(used));
    Column matched = any;
    if (moment.lookbackMicros() != null) {
      matched = any.and(age.leq(lit(moment.lookbackMicros())));
    }
    List<Column> out = new ArrayList<>(live.stream().map(c -> col(c)).toList());
    for (int i = 0; i < lookup.features().size(); i++) {
      out.add(
          when(matched, col(newest).getField("f" + i))
              .as(addFeature(lookup, lookup.features().get(i))));
    }
    out.add(matched.as(prefix + "ok"));
    out.add(any.and(not(matched)).as(prefix + "stale"));
    out.add(when(matched, used).as(prefix + "time"));
    out.add(when(matched, asLong(age)).as(prefix + "age"));
    live.addAll(List.of(prefix + "ok", prefix + "stale", prefix + "time", prefix + "age"));
    lookups.add(
        new Matched(
            lookup,
            col(prefix + "ok"),
            col(prefix + "stale"),
            Optional.of(col(prefix + "time")),
            Optional.of(col(prefix + "age"))));
    rows = both.select(out.toArray(Column[]::new));
  }

  private static Column micros(Column time) {
    return unix_micros(time.cast(DataTypes.TimestampType));
  }

  /** In a type whose differences cannot overflow. */
  private static Column exact(Column micros) {
    return micros.cast(DataTypes.createDecimalType(20, 0));
  }

  private static Column asLong(Column number) {
    return number.try_cast(DataTypes.LongType);
  }

  private void call(Call call) {
    Column[] arguments =
        call.body().parameters().columns().stream()
            .map(parameter -> col(cell(bound(call, parameter.name())).alias()))
            .toArray(Column[]::new);
    ColumnType type = call.body().result();
    Column value = JavaFunction.of(call).apply(arguments);
    String alias = add(call.output(), type, "function " + call.function());
    rows = rows.withColumn(alias, value);
  }

  private static String bound(Call call, String parameter) {
    return call.bindings().entrySet().stream()
        .filter(binding -> binding.getKey().equalsIgnoreCase(parameter))
        .map(Map.Entry::getValue)
        .findFirst()
        .orElse(parameter);
  }

  private void compute(Compute compute) {
    List<Column> inner = new ArrayList<>(live.stream().map(c -> col(c)).toList());
    compute
        .bindings()
        .forEach((parameter, column) -> inner.add(col(cell(column).alias()).as(parameter)));
    Dataset<Row> parameters = rows.select(inner.toArray(Column[]::new));
    Column value = UserSql.expression(rows.sparkSession(), compute);
    List<Column> outer = new ArrayList<>(live.stream().map(c -> col(c)).toList());
    outer.add(value.as("_value"));
    try {
      Dataset<Row> computed = InternalRows.select(parameters, outer);
      ColumnType type = SparkTypes.of(computed.schema().fields()[outer.size() - 1].dataType());
      String alias = add(compute.output(), type, "function " + compute.function());
      rows = computed.withColumn(alias, col("_value").cast(SparkTypes.of(type))).drop("_value");
    } catch (AnalysisException e) {
      throw SparkFailures.functionInvalid(compute, SparkFailures.firstLine(e));
    }
  }

  private static String origin(TableSnapshot table, String column) {
    return "table " + table.name() + ", column " + column;
  }

  private static ColumnType type(TableSnapshot table, String column) {
    return SparkFailures.columnOf(table, column).type();
  }
}
