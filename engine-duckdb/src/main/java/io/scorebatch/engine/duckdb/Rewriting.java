package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.Rewrite;
import io.scorebatch.api.engine.Rewrite.KeysNotIn;
import io.scorebatch.api.engine.Rewrite.KeysOf;
import io.scorebatch.api.engine.Rewrite.Removal;
import io.scorebatch.api.engine.Rewrite.Where;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.StagedRewrite;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import io.scorebatch.engine.duckdb.WrittenFiles.WrittenFile;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One rewrite of a table in a database of its own: the places of the rows that go are found first,
 * then the files that hold such rows are written anew without them. One thread at a time.
 */
final class Rewriting {
  private static final String REMOVED = "memory.main._removed";

  /** Bits of a place that tell the row within its file. */
  private static final int ROW_BITS = 40;

  private final Rewrite rewrite;
  private final TableSnapshot table;
  private final Instance instance;
  private final TableScans scans;
  private final RunControl control;
  private final Path folder;
  private final ParquetCopy copy;

  /**
   * @param table the rewrite's table with its files on this machine
   */
  Rewriting(
      Rewrite rewrite,
      TableSnapshot table,
      Path folder,
      Instance instance,
      TableScans scans,
      RunControl control) {
    this.rewrite = rewrite;
    this.table = table;
    this.folder = folder;
    this.instance = instance;
    this.scans = scans;
    this.control = control;
    this.copy = new ParquetCopy(folder, instance, control);
  }

  StagedRewrite run(TableStore store) throws SQLException {
    Map<KeysNotIn, UserSql> queries = new LinkedHashMap<>();
    confine(store, queries);
    List<String> places = new ArrayList<>();
    for (Removal removal : rewrite.removals()) {
      places.add(places(removal, queries.get(removal), store));
    }
    if (places.isEmpty() || table.files().isEmpty()) {
      return new StagedRewrite(Set.of(), List.of(), 0);
    }
    instance.execute("CREATE TABLE " + REMOVED + " AS " + String.join(" UNION ", places), control);
    TreeMap<Integer, Long> removed =
        instance.query(
            "SELECT place >> " + ROW_BITS + ", count(*) FROM " + REMOVED + " GROUP BY ALL",
            control,
            rows -> {
              TreeMap<Integer, Long> counts = new TreeMap<>();
              while (rows.next()) {
                counts.put(rows.getInt(1), rows.getLong(2));
              }
              return counts;
            });
    Set<String> replaced = new HashSet<>();
    Map<Map<String, @Nullable String>, List<Integer>> kept = new LinkedHashMap<>();
    for (Map.Entry<Integer, Long> file : removed.entrySet()) {
      replaced.add(rewrite.table().files().get(file.getKey()).path());
      DataFile data = table.files().get(file.getKey());
      OptionalLong live = live(data);
      if (live.isEmpty() || live.getAsLong() != file.getValue()) {
        kept.computeIfAbsent(data.partitionValues(), p -> new ArrayList<>()).add(file.getKey());
      }
    }
    List<StagedFile> files = new ArrayList<>();
    for (Map.Entry<Map<String, @Nullable String>, List<Integer>> partition : kept.entrySet()) {
      files.addAll(rest(partition.getKey(), partition.getValue()));
    }
    long rows = removed.values().stream().mapToLong(Long::longValue).sum();
    return new StagedRewrite(replaced, files, rows);
  }

  private static OptionalLong live(DataFile file) {
    return file.rows().isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(file.rows().getAsLong() - file.deleted().map(d -> d.count()).orElse(0L));
  }

  void deleteFiles() {
    copy.deleteFiles();
  }

  private void confine(TableStore store, Map<KeysNotIn, UserSql> queries) throws SQLException {
    List<String> files = new ArrayList<>(TableScans.paths(table));
    for (Removal removal : rewrite.removals()) {
      fresh(removal).forEach(file -> files.add(file.file().toString()));
      if (!(removal instanceof KeysNotIn keys)) {
        continue;
      }
      if (keys.source() instanceof KeySource.Query query) {
        UserSql parsed = UserSql.parse(instance, query.sql(), store);
        parsed.tables().values().forEach(each -> files.addAll(TableScans.paths(each)));
        queries.put(keys, parsed);
      } else if (keys.source() instanceof KeySource.File file) {
        files.add(file.path().toString());
      } else {
        files.addAll(
            TableScans.paths(store.materialize(((KeySource.TableRows) keys.source()).table())));
      }
    }
    files.add(folder.toString());
    instance.confine(files, List.of(folder.toString()));
  }

  private static List<StagedFile> fresh(Removal removal) {
    if (removal instanceof KeysOf keys) {
      return keys.fresh();
    }
    return removal instanceof Where where ? where.fresh() : List.of();
  }

  /** The places of the rows that a removal takes. */
  private String places(Removal removal, @Nullable UserSql query, TableStore store)
      throws SQLException {
    if (removal instanceof KeysOf keys) {
      TableSnapshot fresh = staged(keys.fresh());
      String other = scans.select(instance, fresh, TableScans.numbered("k", keys.keys()), false);
      return byKey(keys.keys(), other, "SEMI", within(fresh, keys.keys()));
    }
    if (removal instanceof KeysNotIn keys) {
      return byKey(keys.keys(), source(keys, query, store), "ANTI", "");
    }
    Where where = (Where) removal;
    checkFresh(where);
    return "SELECT "
        + TableScans.POSITION
        + " AS place FROM ("
        + scans.select(instance, table, TableScans.ownNames(table), true)
        + ") WHERE ("
        + where.predicate()
        + "\n)";
  }

  private String byKey(List<String> keys, String other, String join, String within)
      throws SQLException {
    String same =
        IntStream.range(0, keys.size())
            .mapToObj(i -> "t.k" + i + " IS NOT DISTINCT FROM o.k" + i)
            .collect(Collectors.joining(" AND "));
    return "SELECT t."
        + TableScans.POSITION
        + " AS place FROM (SELECT * FROM ("
        + scans.select(instance, table, TableScans.numbered("k", keys), true)
        + ")"
        + within
        + ") t "
        + join
        + " JOIN ("
        + other
        + ") o ON "
        + same;
  }

  /** A condition that all keys of some rows meet, so that other files' rows need not be read. */
  private String within(TableSnapshot fresh, List<String> keys) throws SQLException {
    List<String> conditions = new ArrayList<>();
    for (int i = 0; i < keys.size(); i++) {
      ColumnType type = fresh.schema().find(keys.get(i)).orElseThrow().type();
      if (type == Primitive.FLOAT || type == Primitive.DOUBLE || type == Primitive.BINARY) {
        continue;
      }
      String key = "k" + i;
      String rows = scans.select(instance, fresh, Map.of(key, keys.get(i)), false);
      conditions.add(
          instance.query(
              "SELECT CAST(min("
                  + key
                  + ") AS VARCHAR), CAST(max("
                  + key
                  + ") AS VARCHAR), count(*) > count("
                  + key
                  + ") FROM ("
                  + rows
                  + ")",
              control,
              found -> {
                found.next();
                String min = found.getString(1);
                List<String> any = new ArrayList<>();
                if (min != null) {
                  any.add(
                      key
                          + " BETWEEN "
                          + Sql.literal(min, type)
                          + " AND "
                          + Sql.literal(found.getString(2), type));
                }
                if (found.getBoolean(3)) {
                  any.add(key + " IS NULL");
                }
                return any.isEmpty() ? "false" : "(" + String.join(" OR ", any) + ")";
              }));
    }
    return conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions);
  }

  private String source(KeysNotIn keys, @Nullable UserSql query, TableStore store)
      throws SQLException {
    if (keys.source() instanceof KeySource.TableRows rows) {
      return scans.select(
          instance, store.materialize(rows.table()), TableScans.numbered("k", keys.keys()), false);
    }
    if (query != null) {
      query.createViews(instance, scans);
      query.createKeyView(instance);
    }
    String relation = KeySources.relation(instance, keys.source());
    List<String> columns = new ArrayList<>();
    for (String key : keys.keys()) {
      Column column =
          keys.source().columns().stream()
              .filter(c -> c.name().equalsIgnoreCase(key))
              .findFirst()
              .orElseThrow(
                  () ->
                      EngineFailures.planColumnNotFound(
                          key, keys.source().columns().stream().map(Column::name).toList()));
      columns.add(KeySources.value(keys.source(), column) + " AS k" + columns.size());
    }
    return "SELECT " + String.join(", ", columns) + " FROM " + relation;
  }

  private void checkFresh(Where where) throws SQLException {
    Map<String, ColumnType> types = new LinkedHashMap<>();
    table.columns().forEach(c -> types.put(c.column().name(), c.column().type()));
    UserSql.checkPredicate(instance, where.predicate(), types);
    if (where.fresh().isEmpty()) {
      return;
    }
    TableSnapshot fresh = staged(where.fresh());
    Optional<String> outside =
        instance.query(
            "SELECT count(*) OVER (), CAST(row AS VARCHAR) FROM (SELECT row FROM ("
                + scans.select(instance, fresh, TableScans.ownNames(fresh), false)
                + ") row WHERE ("
                + where.predicate()
                + "\n) IS NOT TRUE) LIMIT 1",
            control,
            rows ->
                rows.next()
                    ? Optional.of(rows.getLong(1) + " rows, such as " + rows.getString(2))
                    : Optional.empty());
    if (outside.isPresent()) {
      throw EngineFailures.outsidePredicate(table, where.predicate(), outside.get());
    }
  }

  /** Staged files as rows of the table; they hold columns by their own names. */
  private TableSnapshot staged(List<StagedFile> files) {
    List<StoredColumn> columns =
        table.columns().stream()
            .map(c -> new StoredColumn(c.column(), c.column().name(), OptionalInt.empty()))
            .toList();
    List<DataFile> data =
        files.stream()
            .map(
                f ->
                    new DataFile(
                        f.file().toString(),
                        f.sizeBytes(),
                        OptionalLong.of(f.rows()),
                        f.partitionValues(),
                        Optional.empty()))
            .toList();
    return new TableSnapshot(
        table.name(),
        table.location(),
        table.tableId(),
        table.version(),
        columns,
        table.partitionColumns(),
        Map.of(),
        null,
        data);
  }

  /** What is left of some files of one partition, written anew. */
  private List<StagedFile> rest(Map<String, @Nullable String> partition, List<Integer> ordinals)
      throws SQLException {
    TableSnapshot some = table.withFiles(ordinals.stream().map(table.files()::get).toList());
    List<StoredColumn> stored =
        table.columns().stream()
            .filter(
                c ->
                    table.partitionColumns().stream()
                        .noneMatch(c.column().name()::equalsIgnoreCase))
            .toList();
    Map<String, String> columns = new LinkedHashMap<>();
    stored.forEach(c -> columns.put(Sql.name(c.physicalName()), c.column().name()));
    String list =
        ordinals.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
    String place =
        list
            + "[(r._position >> "
            + ROW_BITS
            + ") + 1]::BIGINT * "
            + (1L << ROW_BITS)
            + " + (r._position & "
            + ((1L << ROW_BITS) - 1)
            + ")";
    String select =
        "SELECT "
            + String.join(", ", columns.keySet())
            + " FROM ("
            + scans.select(instance, some, columns, true)
            + ") r ANTI JOIN "
            + REMOVED
            + " d ON d.place = "
            + place;
    String ids =
        stored.stream()
            .filter(c -> c.fieldId().isPresent())
            .map(c -> Sql.text(c.physicalName()) + ": " + c.fieldId().getAsInt())
            .collect(Collectors.joining(", "));
    Schema physical =
        new Schema(
            stored.stream().map(c -> Column.of(c.physicalName(), c.column().type())).toList());
    List<WrittenFile> written =
        copy.write(select, physical, Map.of(), ids.isEmpty() ? "" : ", FIELD_IDS {" + ids + "}");
    List<StagedFile> files = new ArrayList<>();
    for (StagedFile file : ParquetCopy.staged(written)) {
      files.add(
          new StagedFile(
              file.file(), file.sizeBytes(), file.rows(), partition, byName(stored, file)));
    }
    return files;
  }

  private static Map<String, io.scorebatch.api.table.ColumnStatistics> byName(
      List<StoredColumn> stored, StagedFile file) {
    Map<String, io.scorebatch.api.table.ColumnStatistics> statistics = new LinkedHashMap<>();
    for (StoredColumn column : stored) {
      var found = file.statistics().get(column.physicalName());
      if (found != null) {
        statistics.put(column.column().name(), found);
      }
    }
    return statistics;
  }
}
