package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.Rewrite;
import io.scorebatch.api.engine.Rewrite.Removal;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.StagedRewrite;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableCommit.Replaced;
import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.pipeline.config.WriteMode;
import io.scorebatch.pipeline.config.WriteSpec;
import io.scorebatch.pipeline.config.WriteSpec.Part;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Puts a scored batch into its table: in one version, once, whoever else writes meanwhile. What
 * takes out rows works on the newest version and, where another writer comes between, on the next
 * one; nothing is scored again. One thread; close it once all is committed or given up.
 */
public final class Publication implements ScoringJob.Destination, AutoCloseable {
  /** Races with other writers, each lost to one that committed. */
  private static final int ATTEMPTS = 50;

  private static final long FIRST_PAUSE_MILLIS = 50;

  /** Types whose partition values have one text only, whoever wrote them. */
  private static final Set<Primitive> PLAIN_TEXT =
      Set.of(
          Primitive.BYTE,
          Primitive.SHORT,
          Primitive.INT,
          Primitive.LONG,
          Primitive.STRING,
          Primitive.BOOLEAN,
          Primitive.DATE);

  private final Rooms rooms;
  private final TableName target;
  private final WriteSpec write;
  private final Optional<LocalDate> slice;
  private final boolean afresh;
  private final Optional<TransactionId> once;
  private final String engineInfo;
  private final Optional<TableSnapshot> before;
  private final Retries retries;
  private @Nullable StagingArea staging;

  /**
   * @param target the table
   * @param before the table as it is now; empty where there is none
   * @param write how it is written
   * @param slice the day the batch is for, where the table has a column for it
   * @param afresh whether the batch is all the table is to hold, whatever the mode
   * @param once makes the commit happen once
   * @param engineInfo who writes
   * @param retries how often a commit is tried again after a fault that may pass
   */
  Publication(
      Rooms rooms,
      TableName target,
      Optional<TableSnapshot> before,
      WriteSpec write,
      Optional<LocalDate> slice,
      boolean afresh,
      Optional<TransactionId> once,
      String engineInfo,
      Retries retries) {
    this.rooms = rooms;
    this.target = target;
    this.write = write;
    this.slice = slice;
    this.afresh = afresh;
    this.once = once;
    this.engineInfo = engineInfo;
    this.before = before;
    this.retries = retries;
  }

  /** Replaces a table. */
  public static Publication overwriting(Rooms rooms, TableName target, String engineInfo) {
    return new Publication(
        rooms,
        target,
        newest(rooms, target),
        WriteSpec.overwrite(target.toString()),
        Optional.empty(),
        false,
        Optional.empty(),
        engineInfo,
        new Retries(0));
  }

  /** The newest version of a table; empty where there is none. */
  static Optional<TableSnapshot> newest(Rooms rooms, TableName target) {
    return rooms.tables().exists(target)
        ? Optional.of(rooms.tables().snapshot(target))
        : Optional.empty();
  }

  /** The table as it was when the batch was begun; empty where there was none. */
  Optional<TableSnapshot> before() {
    return before;
  }

  /** Whether the table is to hold the batch and nothing else. */
  boolean replacesAll() {
    return afresh || write.mode() == WriteMode.OVERWRITE;
  }

  /**
   * The plan with columns spelled as the table spells them, and partitioned as the table is.
   *
   * @throws ScorebatchException with all that keeps the rows from being written
   */
  @Override
  public ScoringPlan fit(ScoringPlan plan) {
    Mode mode =
        replacesAll() || before.isEmpty()
            ? Mode.OVERWRITE
            : write.mode() == WriteMode.APPEND ? Mode.APPEND : Mode.REPLACE;
    List<String> partitions =
        mode == Mode.OVERWRITE ? partitions(plan) : before.orElseThrow().partitionColumns();
    List<String> names =
        rooms.tables().checkWritable(target, plan.outputSchema(), mode, partitions).names();
    ScoringPlan spelled = plan.withOutputNames(names);
    if (mode == Mode.OVERWRITE) {
      return spelled.partitionedBy(partitions);
    }
    TableSnapshot table = before.orElseThrow();
    if (write.mode() == WriteMode.REPLACE_WHERE) {
      checkPart(spelled, table);
    }
    return spelled.partitionedBy(partitions);
  }

  /** The columns a new table is partitioned by, as the plan spells them. */
  private List<String> partitions(ScoringPlan plan) {
    List<String> partitions = new ArrayList<>();
    for (String name : write.partitionBy()) {
      Optional<Column> column = plan.outputSchema().find(name);
      if (column.isEmpty()) {
        throw ScorebatchException.of(
            ErrorCode.COLUMN_NOT_FOUND,
            "Model '" + plan.modelName() + "' is to partition its table by '" + name + "'.",
            "Its predictions have " + String.join(", ", plan.outputSchema().names()) + ".",
            "name one of them in partition_by; passthrough adds columns of the keys.");
      }
      checkPlain(plan, column.get());
      partitions.add(column.get().name());
    }
    return partitions;
  }

  private static void checkPlain(ScoringPlan plan, Column column) {
    if (!(column.type() instanceof Primitive type && PLAIN_TEXT.contains(type))) {
      throw ScorebatchException.of(
          ErrorCode.PIPELINE_INVALID,
          "Model '"
              + plan.modelName()
              + "' cannot partition by '"
              + column.name()
              + "' of type "
              + column.type().sparkName()
              + ".",
          "Partitions are told apart by whole numbers, text, dates and booleans.",
          "choose another column for partition_by.");
    }
  }

  private void checkPart(ScoringPlan plan, TableSnapshot table) {
    Part part = write.part();
    if (part instanceof Part.Predicate) {
      return;
    }
    boolean fits =
        part instanceof Part.Slice sliced
            ? contains(table.partitionColumns(), sliced.column())
            : !table.partitionColumns().isEmpty();
    if (!fits) {
      throw ScorebatchException.of(
          ErrorCode.SCHEMA_MISMATCH,
          "Table "
              + target
              + " is partitioned by "
              + (table.partitionColumns().isEmpty()
                  ? "nothing."
                  : String.join(", ", table.partitionColumns()) + "."),
          "Model '" + plan.modelName() + "' is to replace a partition of it.",
          "write the table once with mode: overwrite, or say replace_where: <SQL predicate>.");
    }
    for (String name : table.partitionColumns()) {
      checkPlain(plan, table.schema().find(name).orElseThrow());
    }
  }

  private static boolean contains(List<String> names, String name) {
    return names.stream().anyMatch(name::equalsIgnoreCase);
  }

  @Override
  public Path folder() {
    StagingArea area = staging;
    if (area == null) {
      area = rooms.tables().openStaging(target);
      staging = area;
    }
    return area.folder();
  }

  @Override
  public void close() {
    if (staging != null) {
      staging.close();
    }
  }

  /**
   * Commits a batch.
   *
   * @param scored the batch, staged in {@link #folder}
   * @param origin what explains it
   * @param properties further table properties to set
   * @param still holds for a version of the table on which the batch still makes sense; where it
   *     does not hold any more, nothing is committed
   * @param needed whether a version is to be made though no row changes
   * @throws ScorebatchException with the files removed, unless the outcome is unknown
   */
  Outcome publish(
      ScoringJob.Scored scored,
      BatchOrigin origin,
      Map<String, String> properties,
      Predicate<TableSnapshot> still,
      boolean needed,
      EngineLimits limits,
      RunControl control) {
    Map<String, String> all = new LinkedHashMap<>(origin.tableProperties(scored.tablesRead()));
    all.putAll(properties);
    boolean marks = !properties.isEmpty();
    int faults = 0;
    boolean uncertain = false;
    try {
      for (int attempt = 1; ; attempt++) {
        Optional<TableSnapshot> now = newest(rooms, target);
        if (!replacesAll() && now.isPresent() && !still.test(now.get())) {
          scored.discard();
          return new Outcome.Overtaken();
        }
        Change change = change(scored, now, marks, limits, control);
        if (!needed && change.isNone()) {
          return new Outcome.Unchanged();
        }
        Optional<Long> version;
        try {
          version = commit(scored, origin, all, change, attempt < ATTEMPTS);
        } catch (ScorebatchException e) {
          // The outcome is looked up before anything is tried again; the transaction id would make
          // a second commit a no-op all the same.
          version = committedAfterAll(e);
          if (version.isEmpty()) {
            uncertain |= e.problem().code() == ErrorCode.COMMIT_STATE_UNKNOWN;
            if (!mayTryAgain(e) || faults++ >= retries.most()) {
              throw e;
            }
            retries.pause(scored.plan().modelName(), faults, control, e);
            continue;
          }
        }
        if (version.isPresent()) {
          return isSuperseded() ? new Outcome.Superseded() : new Outcome.Committed(version.get());
        }
        pause(scored, attempt, control);
      }
    } catch (ScorebatchException e) {
      if (!uncertain) {
        scored.discard();
      }
      throw e;
    }
  }

  /** The version that holds a commit whose outcome was unknown; empty where none does. */
  private Optional<Long> committedAfterAll(ScorebatchException failure) {
    if (failure.problem().code() != ErrorCode.COMMIT_STATE_UNKNOWN || once.isEmpty()) {
      return Optional.empty();
    }
    try {
      long stored =
          rooms
              .tables()
              .transactionVersion(target, once.get().application())
              .orElse(Long.MIN_VALUE);
      return stored >= once.get().version()
          ? newest(rooms, target).map(TableSnapshot::version)
          : Optional.empty();
    } catch (ScorebatchException e) {
      failure.addSuppressed(e);
      return Optional.empty();
    }
  }

  private boolean mayTryAgain(ScorebatchException failure) {
    return Retries.mayPass(failure)
        || (failure.problem().code() == ErrorCode.COMMIT_STATE_UNKNOWN && once.isPresent());
  }

  /**
   * Whether a run that started later has committed, before this one or right after it. The files
   * stay: it may be that a version holds them.
   */
  private boolean isSuperseded() {
    return once.isPresent()
        && rooms
                .tables()
                .transactionVersion(target, once.get().application())
                .orElse(once.get().version())
            > once.get().version();
  }

  /** Commits a batch to a table that is replaced. */
  public void publish(
      ScoringJob.Scored scored, BatchOrigin origin, EngineLimits limits, RunControl control) {
    publish(scored, origin, Map.of(), table -> true, true, limits, control);
  }

  /**
   * What a batch does to a version of its table.
   *
   * @param mode how it is committed
   * @param files what comes
   * @param rewritten those of them that hold rows the table had
   * @param replaced what goes
   */
  private record Change(
      Mode mode, List<StagedFile> files, List<StagedFile> rewritten, Optional<Replaced> replaced) {
    boolean isNone() {
      return mode == Mode.REPLACE
          && files.isEmpty()
          && replaced.filter(gone -> !gone.paths().isEmpty()).isEmpty();
    }
  }

  /**
   * @param marks whether the table gets properties, which only a replacement sets
   */
  private Change change(
      ScoringJob.Scored scored,
      Optional<TableSnapshot> now,
      boolean marks,
      EngineLimits limits,
      RunControl control) {
    List<StagedFile> fresh = scored.scores().files();
    if (replacesAll() || now.isEmpty()) {
      return new Change(Mode.OVERWRITE, fresh, List.of(), Optional.empty());
    }
    if (write.mode() == WriteMode.APPEND) {
      return marks
          ? new Change(
              Mode.REPLACE,
              fresh,
              List.of(),
              Optional.of(new Replaced(now.get().version(), Set.of())))
          : new Change(Mode.APPEND, fresh, List.of(), Optional.empty());
    }
    StagedRewrite rewrite = rewrite(scored, now.get(), limits, control);
    List<StagedFile> files = new ArrayList<>(fresh);
    files.addAll(rewrite.files());
    return new Change(
        Mode.REPLACE,
        files,
        rewrite.files(),
        Optional.of(new Replaced(now.get().version(), rewrite.replaced())));
  }

  /** Empty where another writer came between and a further try may do. */
  private Optional<Long> commit(
      ScoringJob.Scored scored,
      BatchOrigin origin,
      Map<String, String> properties,
      Change change,
      boolean again) {
    TableCommit commit =
        new TableCommit(
            target,
            scored.plan().outputSchema(),
            change.mode(),
            change.files(),
            origin.tableComment(),
            properties,
            once,
            engineInfo,
            scored.plan().partitionColumns(),
            change.replaced());
    try {
      return Optional.of(rooms.tables().commit(commit));
    } catch (ScorebatchException e) {
      ErrorCode code = e.problem().code();
      if (code != ErrorCode.COMMIT_STATE_UNKNOWN) {
        ScoringJob.delete(change.rewritten());
      }
      if (code == ErrorCode.COMMIT_CONFLICT && change.mode() == Mode.REPLACE && again) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** What is to be taken out of a version of the table. */
  private StagedRewrite rewrite(
      ScoringJob.Scored scored, TableSnapshot table, EngineLimits limits, RunControl control) {
    List<StagedFile> fresh = scored.scores().files();
    List<Removal> removals = new ArrayList<>();
    if (write.mode() == WriteMode.MERGE) {
      List<String> keys = keyNames(scored.plan());
      if (!fresh.isEmpty()) {
        removals.add(new Rewrite.KeysOf(fresh, keys));
      }
      if (write.removeDeletedKeys()) {
        removals.add(new Rewrite.KeysNotIn(scored.plan().keys(), keys));
      }
    } else if (write.part() instanceof Part.Predicate predicate) {
      removals.add(new Rewrite.Where(predicate.sql(), fresh));
    } else {
      return new StagedRewrite(partitionsReplaced(table, fresh), List.of(), 0);
    }
    if (removals.isEmpty()) {
      return new StagedRewrite(Set.of(), List.of(), 0);
    }
    StagedRewrite rewrite =
        rooms.engine().rewrite(new Rewrite(table, removals), folder(), limits, control);
    boolean emptied = fresh.isEmpty() && table.rows().equals(OptionalLong.of(rewrite.removed()));
    if (emptied && rewrite.removed() > 0) {
      ScoringJob.delete(rewrite.files());
      throw ScoringJob.noRows(
          scored.plan().modelName(),
          "Its keys are all gone, and with deleted_keys: remove its table would be emptied.");
    }
    return rewrite;
  }

  /** The names key columns have in the table. */
  private static List<String> keyNames(ScoringPlan plan) {
    List<String> names = new ArrayList<>();
    for (String key : plan.keyColumns()) {
      for (OutputColumn output : plan.outputs()) {
        if (output.value() instanceof OutputValue.FromColumn from && from.name().equals(key)) {
          names.add(output.column().name());
          break;
        }
      }
    }
    return names;
  }

  /** The files of the partitions that are written anew; no file holds rows of two partitions. */
  private Set<String> partitionsReplaced(TableSnapshot table, List<StagedFile> fresh) {
    Set<String> paths = new HashSet<>();
    if (write.part() instanceof Part.Slice sliced) {
      String day = slice.orElseThrow().toString();
      for (DataFile file : table.files()) {
        if (day.equals(lowerCase(file.partitionValues()).get(lower(sliced.column())))) {
          paths.add(file.path());
        }
      }
      return paths;
    }
    Set<Map<String, @Nullable String>> written = new HashSet<>();
    fresh.forEach(file -> written.add(lowerCase(file.partitionValues())));
    for (DataFile file : table.files()) {
      if (written.contains(lowerCase(file.partitionValues()))) {
        paths.add(file.path());
      }
    }
    return paths;
  }

  private static Map<String, @Nullable String> lowerCase(Map<String, @Nullable String> values) {
    Map<String, @Nullable String> lower = new HashMap<>();
    values.forEach((name, value) -> lower.put(lower(name), value));
    return lower;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  /** Writers that met once do not meet again at once; who is cancelled does not wait. */
  private static void pause(ScoringJob.Scored scored, int attempt, RunControl control) {
    long most = FIRST_PAUSE_MILLIS << Math.min(attempt, 5);
    Thread waiting = Thread.currentThread();
    control.onCancel(waiting::interrupt);
    try {
      Thread.sleep(ThreadLocalRandom.current().nextLong(most));
    } catch (InterruptedException e) {
      throw new ScorebatchException(
          new Problem(
              ErrorCode.INTERRUPTED,
              "Model '" + scored.plan().modelName() + "' was stopped before its commit.",
              "",
              "run it again."),
          e);
    } finally {
      control.onCancel(() -> {});
      if (control.isCancelled()) {
        Thread.interrupted();
      }
    }
  }
}
