package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which row of a history each key sees, found once for all models that ask it of the same keys.
 *
 * <p>Finding it is what a point in time costs: both sides are sorted. It does not depend on the
 * features a model takes, so a small file keeps the keys with the place of the row they see; each
 * model then joins its own features by place. That costs no more than sorting the features along
 * even where only one model asks. Files live as long as the engine, the last few that nobody uses.
 * Thread-safe; calls that ask the same wait for one answer.
 */
final class SharedMoments implements AutoCloseable {
  private static final int KEPT = 8;
  private static final long WAIT_MILLIS = 50;

  private final Path parent;
  private final TableScans scans;
  private final KeyChecks checks;
  private final Map<List<Object>, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);
  private @Nullable Path folder;
  private int files;

  /** A question, its answer once there is one, and who works with it. */
  private static final class Entry {
    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Path file;
    private int users;
  }

  /**
   * An answer, kept until it is closed.
   *
   * @param file Parquet: keys {@code c0} …, then for each look-up the place {@code p0} … and the
   *     time {@code t0} … of the row it sees; NULL where it sees none
   * @param lookups the look-ups answered
   */
  record Lease(Path file, List<Lookup> lookups, Runnable onClose) implements AutoCloseable {
    @Override
    public void close() {
      onClose.run();
    }
  }

  SharedMoments(Path parent, TableScans scans, KeyChecks checks) {
    this.parent = parent;
    this.scans = scans;
    this.checks = checks;
  }

  /** The answer for a plan's points in time; empty where it has none that can be shared. */
  Optional<Lease> lease(ScoringPlan plan, Instance instance, RunControl control)
      throws SQLException {
    // Few keys are left of a selection: what the others see is not worth finding.
    if (!(plan.keys() instanceof KeySource.TableRows keys) || !plan.rows().selections().isEmpty()) {
      return Optional.empty();
    }
    List<Lookup> shareable = new ArrayList<>();
    List<Object> question = new ArrayList<>();
    question.add(SnapshotKey.of(keys.table()));
    question.add(keys.columns());
    question.add(keys.distinct());
    for (var step : plan.steps()) {
      if (step instanceof Lookup lookup) {
        if (JoinedRows.isOwn(lookup, keys, instance, checks, control)) {
          return Optional.empty(); // its features come with the keys
        }
        if (isShareable(lookup, keys, instance, control)) {
          shareable.add(lookup);
          question.add(SnapshotKey.of(lookup.table()));
          question.add(lookup.keys());
          question.add(time(lookup).request() + " " + time(lookup).table());
        }
      }
    }
    return shareable.isEmpty()
        ? Optional.empty()
        : Optional.of(lease(question, keys, shareable, instance, control));
  }

  private static Lookup.PointInTime time(Lookup lookup) {
    return java.util.Objects.requireNonNull(lookup.timestamp());
  }

  private boolean isShareable(
      Lookup lookup, KeySource.TableRows keys, Instance instance, RunControl control)
      throws SQLException {
    Lookup.PointInTime moment = lookup.timestamp();
    if (moment == null || Long.valueOf(0).equals(moment.lookbackMicros())) {
      return false;
    }
    boolean ofKeys =
        has(keys, moment.request())
            && lookup.keys().stream().allMatch(pair -> has(keys, pair.request()));
    if (!ofKeys) {
      return false;
    }
    List<String> columns = new ArrayList<>(lookup.keys().stream().map(p -> p.table()).toList());
    columns.add(moment.table());
    // Which of several rows of one moment wins depends on the features a model takes.
    return checks.check(instance, lookup.table(), columns, control).duplicates() == 0
        && lookup.duplicates() != DuplicateKeys.MULTIPLY;
  }

  private static boolean has(KeySource.TableRows keys, String name) {
    return keys.columns().stream().anyMatch(column -> column.name().equals(name));
  }

  private Lease lease(
      List<Object> question,
      KeySource.TableRows keys,
      List<Lookup> lookups,
      Instance instance,
      RunControl control)
      throws SQLException {
    Entry entry;
    synchronized (this) {
      entry = entries.computeIfAbsent(question, q -> new Entry());
      entry.users++;
    }
    boolean done = false;
    try {
      acquire(entry.lock, control);
      Path file;
      try {
        file = entry.file;
        if (file == null) {
          file = find(keys, lookups, instance, control);
          entry.file = file;
        }
      } finally {
        entry.lock.unlock();
      }
      done = true;
      return new Lease(file, lookups, () -> release(entry));
    } finally {
      if (!done) {
        release(entry);
      }
    }
  }

  /** Waits in short steps, so that a cancelled call need not wait for another's answer. */
  private static void acquire(ReentrantLock lock, RunControl control) throws SQLException {
    try {
      while (!lock.tryLock(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        if (control.isCancelled()) {
          throw new SQLException("cancelled while waiting for the moments of keys");
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("interrupted while waiting for the moments of keys", e);
    }
  }

  private synchronized void release(Entry released) {
    released.users--;
    long spare = entries.values().stream().filter(e -> e.users == 0).count() - KEPT;
    for (var eldest = entries.values().iterator(); spare > 0 && eldest.hasNext(); ) {
      Entry entry = eldest.next();
      if (entry.users == 0) {
        eldest.remove();
        delete(entry.file);
        spare--;
      }
    }
  }

  private synchronized Path newFile() {
    try {
      Path kept = folder;
      if (kept == null) {
        Files.createDirectories(parent);
        kept = Files.createTempDirectory(parent, "scorebatch-moments-");
        folder = kept;
      }
      return kept.resolve(files++ + ".parquet");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Path find(
      KeySource.TableRows keys, List<Lookup> lookups, Instance instance, RunControl control)
      throws SQLException {
    Path file = newFile();
    String copy =
        "COPY ("
            + select(keys, lookups, instance)
            + ") TO "
            + Sql.text(file.toString())
            + " (FORMAT parquet, COMPRESSION snappy, RETURN_STATS true)";
    boolean done = false;
    try {
      instance.query(copy, control, rows -> rows.next());
      done = true;
      return file;
    } finally {
      if (!done) {
        delete(file);
      }
    }
  }

  private String select(KeySource.TableRows keys, List<Lookup> lookups, Instance instance)
      throws SQLException {
    List<String> names = keys.columns().stream().map(Column::name).toList();
    Map<String, String> columns = TableScans.numbered("c", names);
    String scan = scans.select(instance, keys.table(), columns, false);
    String sql = keys.distinct() ? "SELECT DISTINCT * FROM (" + scan + ")" : scan;
    for (int i = 0; i < lookups.size(); i++) {
      Lookup lookup = lookups.get(i);
      TableSnapshot table = lookup.table();
      List<String> wanted = new ArrayList<>(lookup.keys().stream().map(p -> p.table()).toList());
      List<String> asked = new ArrayList<>(lookup.keys().stream().map(p -> p.request()).toList());
      wanted.add(time(lookup).table());
      asked.add(time(lookup).request());
      int last = wanted.size() - 1;
      String on =
          IntStream.rangeClosed(0, last)
              .mapToObj(
                  k ->
                      "r.c"
                          + names.indexOf(asked.get(k))
                          + (k == last ? " >= " : " = ")
                          + "f.k"
                          + k)
              .reduce((a, b) -> a + " AND " + b)
              .orElseThrow();
      sql =
          "SELECT r.*, f."
              + TableScans.POSITION
              + " AS p"
              + i
              + ", f.k"
              + last
              + " AS t"
              + i
              + " FROM ("
              + sql
              + ") r ASOF LEFT JOIN ("
              + scans.select(instance, table, TableScans.numbered("k", wanted), true)
              + ") f ON "
              + on;
    }
    return sql;
  }

  private static void delete(@Nullable Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized void close() {
    entries.values().forEach(entry -> delete(entry.file));
    entries.clear();
    delete(folder);
  }
}
