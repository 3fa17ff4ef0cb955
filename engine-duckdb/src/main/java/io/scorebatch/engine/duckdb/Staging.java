package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.plan.Selection;
import io.scorebatch.api.plan.Selection.Changed;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.Schema;
import io.scorebatch.engine.duckdb.JoinedRows.Matched;
import io.scorebatch.engine.duckdb.JoinedRows.Tick;
import io.scorebatch.engine.duckdb.ScoringSql.Fallible;
import io.scorebatch.engine.duckdb.WrittenFiles.WrittenFile;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.LongAdder;
import org.duckdb.BlockFunction;
import org.duckdb.BlockFunction.ResultField;
import org.duckdb.BlockFunction.ValueType;
import org.jspecify.annotations.Nullable;

/** One call: a plan carried out in one database. One thread at a time. */
final class Staging {
  private final ScoringPlan plan;
  private final Scorer scorer;
  private final Path folder;
  private final EngineLimits limits;
  private final RunControl control;
  private final Instance instance;
  private final TableScans scans;
  private final KeyChecks checks;
  private final SharedMoments shared;
  private final ParquetCopy copy;
  private final LongAdder[] ticks = new LongAdder[Tick.values().length];
  private Optional<SharedMoments.Lease> lease = Optional.empty();
  private @Nullable JoinedRows rows;
  private @Nullable ScoringSql sql;

  Staging(
      ScoringPlan plan,
      Scorer scorer,
      Path folder,
      EngineLimits limits,
      RunControl control,
      Instance instance,
      TableScans scans,
      KeyChecks checks,
      SharedMoments shared) {
    this.plan = plan;
    this.scorer = scorer;
    this.folder = folder;
    this.limits = limits;
    this.control = control;
    this.instance = instance;
    this.scans = scans;
    this.checks = checks;
    this.shared = shared;
    this.copy = new ParquetCopy(folder, instance, control);
    java.util.Arrays.setAll(ticks, i -> new LongAdder());
  }

  /** Whether a plan holds SQL that a user wrote, so that the database has to be confined. */
  static boolean hasUserSql(ScoringPlan plan) {
    return plan.keys() instanceof KeySource.Query
        || plan.steps().stream().anyMatch(step -> step instanceof PlanStep.Compute);
  }

  StagedScores run(TableStore store) {
    try {
      return stage(store);
    } catch (SQLException e) {
      throw explain(e);
    } finally {
      lease.ifPresent(SharedMoments.Lease::close);
    }
  }

  private StagedScores stage(TableStore store) throws SQLException {
    if (control.isCancelled()) {
      throw EngineFailures.interrupted(plan);
    }
    lease = shared.lease(plan, instance, control);
    if (hasUserSql(plan)) {
      prepareUserSql(store);
    }
    for (Tick tick : Tick.values()) {
      BlockFunction.register(
          instance.connection(),
          tick.function(),
          List.of(),
          List.of(new ResultField(ModelFunction.COUNTED, ValueType.BOOLEAN)),
          block -> {
            ticks[tick.ordinal()].add(block.rows());
            block.putFlags(0, allTrue(block.rows()));
          });
    }
    JoinedRows joined = JoinedRows.of(plan, instance, scans, checks, lease, control);
    rows = joined;
    ScoringSql scoring = ScoringSql.of(plan, joined, scorer);
    sql = scoring;
    for (Selection selection : plan.rows().selections()) {
      if (selection instanceof Changed changed) {
        FingerprintFunction.register(instance, scoring.layout(), changed.salt());
      }
    }
    ModelFunction function = scoring.function();
    BlockFunction.register(
        instance.connection(),
        ScoringSql.MODEL,
        function.parameters(),
        function.results(),
        function::score);
    try (Quarantine quarantine = Quarantine.register(instance)) {
      Map<String, String> partitions =
          ParquetCopy.partitionNames(plan.partitionColumns(), plan.outputSchema());
      List<WrittenFile> files =
          copy.write(scoring.select(partitions), plan.outputSchema(), partitions, "");
      if (control.isCancelled()) {
        throw EngineFailures.interrupted(plan);
      }
      ScoreStatistics statistics = statistics(files, joined, function);
      return new StagedScores(ParquetCopy.staged(files), statistics, quarantined(quarantine));
    }
  }

  private static boolean[] allTrue(int rows) {
    boolean[] flags = new boolean[rows];
    java.util.Arrays.fill(flags, true);
    return flags;
  }

  private List<StagedFile> quarantined(Quarantine quarantine) throws SQLException {
    if (quarantine.isEmpty()) {
      return List.of();
    }
    Schema schema = new Schema(plan.quarantine().stream().map(OutputColumn::column).toList());
    return ParquetCopy.staged(
        copy.write(quarantine.select(plan.quarantine()), schema, Map.of(), ""));
  }

  private ScoreStatistics statistics(
      List<WrittenFile> files, JoinedRows joined, ModelFunction function) {
    long written = files.stream().mapToLong(f -> f.staged().rows()).sum();
    long seen = function.rows();
    long leftOut = plan.rows().onBadRow() == OnBadRow.SKIP ? function.badRows() : 0;
    long keys = counted(joined, Tick.KEYS, seen);
    long asked = counted(joined, Tick.ASKED, keys);
    long joinedRows = counted(joined, Tick.JOINED, seen);
    boolean narrowed = joined.narrowed();
    if (seen - leftOut != written
        || (!joined.multiplied() && joined.joins() && asked != joinedRows)
        || (!narrowed && !joined.multiplied() && keys != seen)) {
      throw EngineFailures.rowCount(plan, asked, written);
    }
    long silent = files.stream().mapToLong(f -> f.nulls().getOrDefault("prediction", 0L)).sum();
    return new ScoreStatistics(
        keys,
        joined.multiplied() && joinedRows == seen ? asked : seen,
        written,
        function.badRows(),
        silent,
        function.positives(),
        function.predictions(),
        function.inputs(),
        lookups(function),
        joined.notes());
  }

  private long counted(JoinedRows joined, Tick tick, long otherwise) {
    return joined.ticks().contains(tick) ? ticks[tick.ordinal()].sum() : otherwise;
  }

  private List<LookupStatistics> lookups(ModelFunction function) {
    EvidenceSql evidence = java.util.Objects.requireNonNull(sql).evidence();
    List<Matched> moments = evidence.moments();
    List<LookupStatistics> lookups = new ArrayList<>();
    for (Matched matched : evidence.lookups()) {
      Tallies.Total total = function.total(lookups.size());
      Tallies.Times times =
          matched.moment().isPresent()
              ? function.times(moments.indexOf(matched))
              : Tallies.Times.NONE;
      TableSnapshot table = matched.lookup().table();
      lookups.add(
          new LookupStatistics(
              table.name().toString(),
              table.version(),
              total.matched(),
              total.rows() - total.matched(),
              Optional.of(
                  new LookupEvidence(
                      total.nullValues(),
                      total.defaulted(),
                      total.stale(),
                      times.oldest(),
                      times.newest(),
                      times.greatestAge())),
              matched.lookup().overridden()));
    }
    return lookups;
  }

  private void prepareUserSql(TableStore store) throws SQLException {
    List<String> files = new ArrayList<>();
    lease.ifPresent(moments -> files.add(moments.file().toString()));
    tables().forEach(table -> files.addAll(TableScans.paths(table)));
    if (plan.keys() instanceof KeySource.File file) {
      files.add(file.path().toString());
    }
    files.add(folder.toString());
    Optional<UserSql> query = Optional.empty();
    if (plan.keys() instanceof KeySource.Query keyQuery) {
      UserSql parsed = UserSql.parse(instance, keyQuery.sql(), store);
      parsed.tables().values().forEach(table -> files.addAll(TableScans.paths(table)));
      query = Optional.of(parsed);
    }
    instance.confine(files, List.of(folder.toString()));
    if (query.isPresent()) {
      query.get().createViews(instance, scans);
      query.get().createKeyView(instance);
    }
  }

  private List<TableSnapshot> tables() {
    List<TableSnapshot> tables = new ArrayList<>();
    if (plan.keys() instanceof KeySource.TableRows tableRows) {
      tables.add(tableRows.table());
    }
    for (PlanStep step : plan.steps()) {
      if (step instanceof PlanStep.Lookup lookup) {
        tables.add(lookup.table());
      }
    }
    plan.rows().selections().forEach(each -> tables.addAll(SelectionSql.tables(each)));
    return tables;
  }

  /** Deletes what this call wrote. */
  void deleteFiles() {
    copy.deleteFiles();
  }

  private ScorebatchException explain(SQLException e) {
    if (control.isCancelled()) {
      return EngineFailures.interrupted(plan);
    }
    String doing = "Scoring of " + plan.modelName();
    if (EngineFailures.isOutOfMemory(e)) {
      return EngineFailures.outOfMemory(doing, limits, e);
    }
    JoinedRows joined = rows;
    if (joined != null && joined.functionFailure().isPresent()) {
      return joined.functionFailure().get();
    }
    Throwable thrown = sql == null ? null : sql.function().failure();
    if (thrown instanceof ScorebatchException known) {
      return known;
    }
    if (thrown instanceof RejectedValueException rejected) {
      return rejected(rejected);
    }
    if (thrown instanceof OutOfMemoryError heap) {
      return EngineFailures.outOfHeap(plan, heap);
    }
    if (thrown != null) {
      return EngineFailures.scorerFailed(plan, thrown);
    }
    if (plan.keys() instanceof KeySource.File file
        && EngineFailures.tells(e, file.path().toString())) {
      return EngineFailures.fileUnreadable(file, e);
    }
    for (TableSnapshot table : tables()) {
      if (TableScans.paths(table).stream().anyMatch(path -> EngineFailures.tells(e, path))) {
        return EngineFailures.tableUnreadable(table, e);
      }
    }
    return unconvertible(e).orElseGet(() -> EngineFailures.failed(doing, e));
  }

  /** Looks for a value that a conversion of the statement fails on. */
  private Optional<ScorebatchException> unconvertible(SQLException e) {
    JoinedRows joined = rows;
    ScoringSql scoring = sql;
    if (joined == null || scoring == null) {
      return Optional.empty();
    }
    try {
      Optional<ScorebatchException> key = unreadableKey(e);
      if (key.isPresent()) {
        return key;
      }
      for (Fallible fallible : scoring.ofInputs()) {
        Optional<Found> found = find(fallible.value(), fallible.fails(), joined.sql());
        if (found.isPresent()) {
          return found.map(f -> notConvertible(fallible, f, e));
        }
      }
      for (Fallible fallible : scoring.ofOutputs()) {
        Optional<Found> found = find(fallible.value(), fallible.fails(), scoring.scored());
        if (found.isPresent()) {
          return found.map(f -> notConvertible(fallible, f, e));
        }
      }
    } catch (SQLException again) {
      e.addSuppressed(again);
    }
    return Optional.empty();
  }

  /** Looks for the first row of a key file with a text that is no value of its column's type. */
  private Optional<ScorebatchException> unreadableKey(SQLException e) throws SQLException {
    if (!(plan.keys() instanceof KeySource.File file)) {
      return Optional.empty();
    }
    for (Column column : file.columns()) {
      String text = Sql.name(column.name());
      if (!KeySources.isText(file, column)) {
        continue;
      }
      Optional<ScorebatchException> found =
          instance.query(
              "SELECT count(*) OVER (), _row, _text FROM (SELECT row_number() OVER () AS _row, "
                  + text
                  + " AS _text FROM "
                  + KeySources.relation(instance, file)
                  + ") WHERE "
                  + KeyText.fails("_text", column.type())
                  + " ORDER BY _row LIMIT 1",
              control,
              rows ->
                  rows.next()
                      ? Optional.of(
                          EngineFailures.keyText(
                              file, column, rows.getString(3), rows.getLong(2), rows.getLong(1), e))
                      : Optional.empty());
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private ScorebatchException notConvertible(Fallible fallible, Found found, SQLException e) {
    return EngineFailures.notConvertible(
        plan,
        fallible.what(),
        fallible.type(),
        fallible.wanted(),
        found.value(),
        found.key(),
        found.rows(),
        e);
  }

  private ScorebatchException rejected(RejectedValueException rejected) {
    JoinedRows joined = rows;
    ScoringSql scoring = sql;
    String input = rejected.input() < 0 ? null : scorer.inputs().get(rejected.input()).name();
    Found found = new Found(rejected.value(), "a key that could not be found again", 1);
    if (joined != null && scoring != null) {
      try {
        ModelFunction function = scoring.function();
        BlockFunction.register(
            instance.connection(),
            ScoringSql.REJECTS,
            function.parameters().subList(0, scorer.inputs().size()),
            List.of(new ResultField(ModelFunction.COUNTED, ValueType.BOOLEAN)),
            function::findRejected);
        String value = input == null ? "NULL" : scoring.argumentOf(rejected.input());
        found = find(value, scoring.rejects(), joined.sql()).orElse(found);
      } catch (SQLException e) {
        rejected.addSuppressed(e);
      }
    }
    return EngineFailures.rejected(plan, rejected, input, found.value(), found.key(), found.rows());
  }

  /**
   * A row that something is wrong with.
   *
   * @param value the value concerned
   * @param key the row's key
   * @param rows how many such rows there are
   */
  private record Found(String value, String key, long rows) {}

  /** The first row by key that meets a condition. */
  private Optional<Found> find(String value, String condition, String from) throws SQLException {
    JoinedRows joined = java.util.Objects.requireNonNull(rows);
    List<String> keyAliases =
        plan.keyColumns().stream().map(name -> joined.cell(name).alias()).toList();
    String columns = keyAliases.isEmpty() ? "" : ", " + String.join(", ", keyAliases);
    String order = keyAliases.isEmpty() ? "" : " ORDER BY " + String.join(", ", keyAliases);
    return instance.query(
        "SELECT count(*) OVER (), _value"
            + columns
            + " FROM (SELECT *, "
            + value
            + " AS _value FROM ("
            + from
            + ") WHERE "
            + condition
            + ")"
            + order
            + " LIMIT 1",
        control,
        result -> result.next() ? Optional.of(found(result)) : Optional.empty());
  }

  private Found found(ResultSet result) throws SQLException {
    List<String> key = new ArrayList<>();
    for (int i = 0; i < plan.keyColumns().size(); i++) {
      key.add(plan.keyColumns().get(i) + " = " + EngineFailures.show(result.getObject(i + 3)));
    }
    return new Found(
        EngineFailures.show(result.getObject(2)), String.join(", ", key), result.getLong(1));
  }
}
