package io.scorebatch.pipeline.increment;

import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.Lookup.KeyPair;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.plan.Selection;
import io.scorebatch.api.plan.Selection.Touched.Change;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.TableChanges;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.pipeline.config.IncrementalSpec;
import io.scorebatch.pipeline.config.IncrementalSpec.By;
import io.scorebatch.pipeline.config.IncrementalSpec.OnNewModel;
import io.scorebatch.pipeline.config.WriteMode;
import io.scorebatch.pipeline.increment.IncrementalState.Point;
import io.scorebatch.pipeline.increment.IncrementalState.Watermark;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** Finds out which rows of a model are new. Thread-safe. */
public final class Increments {
  /** The column that keeps what each row's prediction was made of, where content decides. */
  public static final String FINGERPRINT = "feature_fingerprint";

  private final TableStore tables;
  private final ScoringEngine engine;
  private final Instant startedAt;

  /**
   * @param startedAt when the run started: stamps after it lie in the future
   */
  public Increments(TableStore tables, ScoringEngine engine, Instant startedAt) {
    this.tables = tables;
    this.engine = engine;
    this.startedAt = startedAt;
  }

  /**
   * A model that is to be scored. Immutable.
   *
   * @param modelName its name
   * @param property the table property with its state
   * @param incremental how new rows are told
   * @param mode how its table is written
   * @param refresh whether all rows are to be scored, whatever the state says
   * @param plan how a row is scored
   * @param read snapshot of each table that rows come from
   * @param target its prediction table as it is; empty where there is none yet
   * @param modelVersion registered version; empty for models without
   * @param modelDigest SHA-256 of its artifacts
   * @param settings {@link Settings#hash}
   */
  public record Asked(
      String modelName,
      String property,
      IncrementalSpec incremental,
      WriteMode mode,
      boolean refresh,
      ScoringPlan plan,
      List<TableSnapshot> read,
      Optional<TableSnapshot> target,
      OptionalInt modelVersion,
      String modelDigest,
      String settings) {
    public Asked {
      read = List.copyOf(read);
    }

    /** What holds once every row is scored; without a watermark. */
    IncrementalState whole() {
      return state(read, modelVersion, modelDigest, settings);
    }
  }

  /** What holds of a table once all rows were scored from some tables by some model. */
  public static IncrementalState state(
      List<TableSnapshot> read, OptionalInt modelVersion, String modelDigest, String settings) {
    Map<String, Point> points = new LinkedHashMap<>();
    read.forEach(table -> points.put(table.name().toString(), Point.of(table)));
    return new IncrementalState(
        true, Optional.empty(), points, modelVersion, modelDigest, settings);
  }

  /**
   * The rows to score.
   *
   * @throws ScorebatchException {@code STATE_LOST} where the table has rows but nothing tells which
   *     are old; {@code COLUMN_NOT_FOUND}, {@code PIPELINE_INVALID} for a watermark that is none
   */
  public Increment find(Asked asked) {
    Optional<TableSnapshot> target = asked.target().filter(table -> table.rows().orElse(1) > 0);
    if (target.isEmpty()) {
      return all(asked, Optional.empty(), "the table has no rows yet: all rows are scored");
    }
    String text = target.get().properties().get(asked.property());
    Optional<IncrementalState> state = Optional.ofNullable(text).flatMap(StateJson::parse);
    if (asked.refresh()) {
      return all(asked, state, "all rows are scored, as asked for");
    }
    if (text != null && state.isEmpty()) {
      throw lost(asked, "Its property " + asked.property() + " cannot be read: " + text + ".");
    }
    Optional<String> reason = state.flatMap(known -> whyAll(asked, known));
    if (reason.isPresent()) {
      return all(asked, state, reason.get());
    }
    return switch (asked.incremental().by()) {
      case WATERMARK -> watermark(asked, target.get(), state);
      case TABLE_VERSION -> tableVersions(asked, state);
      case MISSING_KEYS -> missingKeys(asked, target.get(), state);
      case CONTENT -> content(asked, target.get(), state);
    };
  }

  /** Why a state does not help. */
  private static Optional<String> whyAll(Asked asked, IncrementalState state) {
    if (!state.complete()) {
      return Optional.of("the table is not known to be complete: all rows are scored");
    }
    if (asked.incremental().onNewModel() == OnNewModel.NEW_ROWS_ONLY) {
      return Optional.empty();
    }
    if (!state.sameModel(asked.whole())) {
      return Optional.of(
          "the model changed (version "
              + text(state.modelVersion())
              + " → "
              + text(asked.modelVersion())
              + "): all rows are scored");
    }
    return state.settings().equals(asked.settings())
        ? Optional.empty()
        : Optional.of("settings that change predictions changed: all rows are scored");
  }

  private static String text(OptionalInt version) {
    return version.isPresent() ? "" + version.getAsInt() : "none";
  }

  private Increment all(Asked asked, Optional<IncrementalState> state, String why) {
    List<String> notes = new ArrayList<>(List.of(why));
    IncrementalState after = asked.whole();
    if (asked.incremental().by() == By.WATERMARK) {
      after = reached(asked, after, state.flatMap(IncrementalState::watermark), notes);
    }
    boolean afresh = asked.mode() == WriteMode.MERGE;
    return new Increment(List.of(), afresh, false, Optional.of(after), true, notes);
  }

  /** Rows that meet some conditions, of a table that stays. */
  private static Increment some(
      List<Selection> selections,
      IncrementalState after,
      Optional<IncrementalState> before,
      List<String> notes) {
    boolean moved = before.isPresent() && !before.get().tables().equals(after.tables());
    return new Increment(selections, false, false, Optional.of(after), moved, notes);
  }

  // A watermark: rows whose time is beyond the last one seen.

  private Increment watermark(Asked asked, TableSnapshot target, Optional<IncrementalState> state) {
    Column column = column(asked);
    TimeColumn time = time(asked, column);
    List<String> notes = new ArrayList<>();
    if (state.isPresent() && keyTableUnchanged(asked, state.get(), notes)) {
      return new Increment(List.of(), false, true, Optional.empty(), false, notes);
    }
    Optional<Object> mark =
        state.isPresent()
            ? state.get().watermark().flatMap(known -> value(asked, time, column, known))
            : Optional.of(derived(asked, target, column, notes));
    @Nullable Object after =
        mark.map(value -> time.before(value, asked.incremental().lookback())).orElse(null);
    List<Selection> selections = new ArrayList<>();
    selections.add(new Selection.Between(column.name(), after, null));
    if (asked.mode() == WriteMode.APPEND) {
      selections.add(unscored(asked, target));
    }
    notes.add(
        after == null
            ? "rows of every '" + column.name() + "' are scored"
            : "rows with '" + column.name() + "' after " + time.text(after) + " are scored");
    Optional<Watermark> before = mark.map(value -> new Watermark(column.name(), time.text(value)));
    IncrementalState reached = reached(asked, asked.whole(), before, notes);
    return new Increment(selections, false, false, Optional.of(reached), false, notes);
  }

  private static boolean keyTableUnchanged(
      Asked asked, IncrementalState state, List<String> notes) {
    if (!(asked.plan().keys() instanceof KeySource.TableRows rows)) {
      return false;
    }
    Point now = Point.of(rows.table());
    if (!now.equals(state.tables().get(rows.table().name().toString()))) {
      return false;
    }
    notes.add(
        "nothing new: table " + rows.table().name() + " is still at version " + now.version());
    return true;
  }

  private static Column column(Asked asked) {
    String name = asked.incremental().column().orElseThrow();
    KeySource keys = asked.plan().keys();
    List<Column> columns =
        keys instanceof KeySource.TableRows rows ? rows.table().schema().columns() : keys.columns();
    return columns.stream()
        .filter(column -> column.name().equalsIgnoreCase(name))
        .findFirst()
        .orElseThrow(
            () ->
                ScorebatchException.of(
                    ErrorCode.COLUMN_NOT_FOUND,
                    "Model '"
                        + asked.modelName()
                        + "' tells new rows by '"
                        + name
                        + "', which its key source lacks.",
                    "It has "
                        + String.join(", ", columns.stream().map(Column::name).toList())
                        + ".",
                    "name one of them in incremental.column."));
  }

  private static TimeColumn time(Asked asked, Column column) {
    return TimeColumn.of(column.type())
        .orElseThrow(
            () ->
                ScorebatchException.of(
                    ErrorCode.PIPELINE_INVALID,
                    "Model '"
                        + asked.modelName()
                        + "' tells new rows by '"
                        + column.name()
                        + "' of type "
                        + column.type().sparkName()
                        + ".",
                    "A watermark is a date or a timestamp.",
                    "name such a column in incremental.column, or choose by: table_version."));
  }

  /** A stored watermark; one of another column or type counts as none. */
  private static Optional<Object> value(
      Asked asked, TimeColumn time, Column column, Watermark mark) {
    if (!mark.column().equalsIgnoreCase(column.name())) {
      throw lost(
          asked,
          "Its watermark is of column '" + mark.column() + "', not '" + column.name() + "'.");
    }
    Optional<Object> value = time.parse(mark.value());
    if (value.isEmpty()) {
      throw lost(
          asked, "Its watermark '" + mark.value() + "' is no " + column.type().sparkName() + ".");
    }
    return value;
  }

  /** The watermark of a table that lost its state, where the table itself tells. */
  private Object derived(Asked asked, TableSnapshot target, Column column, List<String> notes) {
    Optional<Column> kept =
        target.schema().find(column.name()).filter(c -> c.type().equals(column.type()));
    if (kept.isEmpty()) {
      throw lost(
          asked, "It has no column '" + column.name() + "' to tell how far rows are scored.");
    }
    KeySource rows = new KeySource.TableRows(target, List.of(kept.get()), false);
    Object greatest = engine.greatest(rows, kept.get().name(), null);
    if (greatest == null) {
      throw lost(asked, "Its column '" + column.name() + "' is NULL in every row.");
    }
    notes.add("the state was lost: the watermark is that of the table itself");
    return greatest;
  }

  /**
   * The state with the watermark the rows reach: never behind the one before, never beyond the
   * run's start less the lag, however far stamps lie in the future.
   */
  private IncrementalState reached(
      Asked asked, IncrementalState state, Optional<Watermark> before, List<String> notes) {
    Column column = column(asked);
    TimeColumn time = time(asked, column);
    KeySource keys = asked.plan().keys();
    Object now = time.at(startedAt);
    Object cap = time.at(startedAt.minus(asked.incremental().lag()));
    Object greatest = engine.greatest(keys, column.name(), null);
    if (greatest != null && time.isAfter(greatest, now)) {
      notes.add(
          "warning: '"
              + column.name()
              + "' reaches to "
              + time.text(greatest)
              + ", after the start of the run: such rows are scored, but do not move the watermark");
    }
    if (greatest != null && time.isAfter(greatest, cap)) {
      greatest = engine.greatest(keys, column.name(), cap);
    }
    Optional<Object> known =
        before
            .filter(mark -> mark.column().equalsIgnoreCase(column.name()))
            .flatMap(mark -> time.parse(mark.value()));
    if (known.isPresent() && (greatest == null || time.isAfter(known.get(), greatest))) {
      greatest = known.get();
    }
    return greatest == null
        ? state
        : state.withWatermark(new Watermark(column.name(), time.text(greatest)));
  }

  // Table versions: rows whose key is among what was written since.

  private Increment tableVersions(Asked asked, Optional<IncrementalState> before) {
    IncrementalState state =
        before.orElseThrow(
            () -> lost(asked, "It does not say which versions of the tables were scored."));
    IncrementalState after = asked.whole();
    List<Change> changes = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    boolean moved = false;
    for (TableSnapshot table : distinct(asked.read())) {
      Point then = state.tables().get(table.name().toString());
      if (Point.of(table).equals(then)) {
        continue;
      }
      moved = true;
      List<List<KeyPair>> roles = roles(asked.plan(), table.name());
      String why = then == null ? "was not read before" : "";
      Optional<TableChanges> written = Optional.empty();
      if (then != null && !then.id().equals(table.tableId())) {
        why = "was made anew";
      } else if (then != null && then.version() > table.version()) {
        why = "is at version " + table.version() + ", before the " + then.version() + " scored";
      } else if (then != null) {
        written = changes(table, then);
        why =
            written.isEmpty()
                ? "no longer tells what was written since version " + then.version()
                : written.get().rowsRemoved() && lookedUp(asked.plan(), table.name())
                    ? "had rows deleted or rewritten since version " + then.version()
                    : "";
      }
      if (!why.isEmpty()) {
        return all(asked, before, "table " + table.name() + " " + why + ": all rows are scored");
      }
      List<DataFile> files = written.map(TableChanges::files).orElse(List.of());
      if (!files.isEmpty()) {
        TableSnapshot rows = withFiles(table, files);
        roles.forEach(keys -> changes.add(new Change(rows, keys)));
      }
      notes.add(
          "table "
              + table.name()
              + ": rows written after version "
              + (then == null ? "none" : then.version())
              + " up to "
              + table.version());
    }
    if (!moved) {
      return new Increment(
          List.of(),
          false,
          true,
          Optional.empty(),
          false,
          List.of("nothing new: every table is still at the version scored"));
    }
    return some(List.of(new Selection.Touched(changes)), after, before, notes);
  }

  private static List<TableSnapshot> distinct(List<TableSnapshot> read) {
    Map<TableName, TableSnapshot> byName = new LinkedHashMap<>();
    read.forEach(table -> byName.putIfAbsent(table.name(), table));
    return List.copyOf(byName.values());
  }

  private Optional<TableChanges> changes(TableSnapshot table, Point then) {
    try {
      return Optional.of(tables.changes(table.name(), then.version(), table.version()));
    } catch (ScorebatchException e) {
      if (e.problem().code() == ErrorCode.TABLE_VERSION_NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private static boolean lookedUp(ScoringPlan plan, TableName table) {
    return plan.steps().stream()
        .anyMatch(s -> s instanceof PlanStep.Lookup lookup && lookup.table().name().equals(table));
  }

  /** By which keys rows of a table reach the rows to score: as a key table, and in look-ups. */
  private static List<List<KeyPair>> roles(ScoringPlan plan, TableName table) {
    List<List<KeyPair>> roles = new ArrayList<>();
    if (plan.keys() instanceof KeySource.TableRows rows && rows.table().name().equals(table)) {
      roles.add(plan.keyColumns().stream().map(key -> new KeyPair(key, key)).toList());
    }
    for (PlanStep step : plan.steps()) {
      if (step instanceof PlanStep.Lookup lookup
          && lookup.table().name().equals(table)
          && !roles.contains(lookup.keys())) {
        roles.add(lookup.keys());
      }
    }
    return roles;
  }

  private static TableSnapshot withFiles(TableSnapshot table, List<DataFile> files) {
    return new TableSnapshot(
        table.name(),
        table.location(),
        table.tableId(),
        table.version(),
        table.columns(),
        table.partitionColumns(),
        table.properties(),
        table.comment(),
        files);
  }

  // What the prediction table itself tells.

  private static Increment missingKeys(
      Asked asked, TableSnapshot target, Optional<IncrementalState> state) {
    return some(
        List.of(unscored(asked, target)),
        asked.whole(),
        state,
        List.of("keys without a prediction are scored"));
  }

  private static Selection unscored(Asked asked, TableSnapshot target) {
    Map<String, Object> where = new LinkedHashMap<>();
    where.put("model_name", asked.modelName());
    if (asked.incremental().onNewModel() == OnNewModel.FULL && asked.modelVersion().isPresent()) {
      where.put("model_version", asked.modelVersion().getAsInt());
    }
    return new Selection.Unscored(target, asked.plan().keyColumns(), where);
  }

  private static Increment content(
      Asked asked, TableSnapshot target, Optional<IncrementalState> state) {
    if (target.schema().find(FINGERPRINT).isEmpty()) {
      throw lost(asked, "It has no column '" + FINGERPRINT + "'.");
    }
    long salt = Settings.salt(asked.incremental(), asked.settings(), asked.modelDigest());
    Selection changed = new Selection.Changed(target, asked.plan().keyColumns(), FINGERPRINT, salt);
    return some(
        List.of(changed),
        asked.whole(),
        state,
        List.of("keys whose inputs changed since their prediction are scored"));
  }

  private static ScorebatchException lost(Asked asked, String why) {
    return ScorebatchException.of(
        ErrorCode.STATE_LOST,
        "Table "
            + asked.plan().target()
            + " has predictions of model '"
            + asked.modelName()
            + "', but not what they were made of.",
        why,
        "remove the table, or name another output_table: all rows are scored then.");
  }
}
