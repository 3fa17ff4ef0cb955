package io.scorebatch.engine.duckdb;

import static java.util.Objects.requireNonNull;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.duckdb.DuckDBConnection;
import org.duckdb.DuckDBDriver;
import org.duckdb.DuckDBPreparedStatement;
import org.duckdb.QueryProgress;
import org.jspecify.annotations.Nullable;

/**
 * A DuckDB database in memory with one connection. Memory limit and threads belong to a database,
 * so each call has its own. One thread at a time.
 */
final class Instance implements AutoCloseable {
  private static final long WATCH_MILLIS = 50;

  private final DuckDBConnection connection;
  private final Path spillFolder;
  private final ScheduledExecutorService watcher;
  private final Map<SnapshotKey, String> deletedRowTables = new HashMap<>();

  private Instance(
      DuckDBConnection connection, Path spillFolder, ScheduledExecutorService watcher) {
    this.connection = connection;
    this.spillFolder = spillFolder;
    this.watcher = watcher;
  }

  /**
   * @param streaming whether results are handed over while they are made, for results larger than
   *     memory; what fails while one is made is told less well then
   */
  static Instance open(EngineLimits limits, boolean streaming, ScheduledExecutorService watcher)
      throws SQLException {
    Properties settings = new Properties();
    settings.setProperty("autoinstall_known_extensions", "false");
    settings.setProperty("autoload_known_extensions", "false");
    settings.setProperty("jdbc_stream_results", Boolean.toString(streaming));
    // Temporary files have fixed names, so two databases cannot share a folder.
    Path spillFolder = limits.spillFolder().resolve("duckdb-" + UUID.randomUUID());
    settings.setProperty("temp_directory", spillFolder.toString());
    settings.setProperty("threads", Integer.toString(limits.threads()));
    settings.setProperty("memory_limit", memory(limits));
    Instance instance =
        new Instance(
            requireNonNull(new DuckDBDriver().connect("jdbc:duckdb:", settings))
                .unwrap(DuckDBConnection.class),
            spillFolder,
            watcher);
    instance.execute(
        """
        SET timezone = 'UTC';
        SET enable_progress_bar = true;
        SET enable_progress_bar_print = false;
        SET progress_bar_time = 0;
        """);
    return instance;
  }

  private static String memory(EngineLimits limits) {
    return limits.memoryBytes() / 1024 + "KiB";
  }

  DuckDBConnection connection() {
    return connection;
  }

  /** Where the database spills to; a folder of its own that need not be there. */
  Path spillFolder() {
    return spillFolder;
  }

  /** Names of the tables that hold deleted rows, by the snapshot they belong to. */
  Map<SnapshotKey, String> deletedRowTables() {
    return deletedRowTables;
  }

  void limit(EngineLimits limits) throws SQLException {
    execute(
        "SET memory_limit = "
            + Sql.text(memory(limits))
            + "; SET threads = "
            + limits.threads()
            + ";");
  }

  /**
   * Takes everything away that SQL of a user's could reach beyond these files, folders and its own
   * spill folder: other files, extensions, attached databases, settings. Cannot be undone.
   */
  void confine(Collection<String> files, Collection<String> folders) throws SQLException {
    List<String> allFolders = new ArrayList<>(folders);
    allFolders.add(spillFolder.toString());
    execute(
        "SET allowed_paths = "
            + Sql.texts(files)
            + "; SET allowed_directories = "
            + Sql.texts(allFolders)
            + "; SET enable_external_access = false; SET lock_configuration = true;");
  }

  void execute(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** As {@link #execute(String)}; the control can stop it. */
  void execute(String sql, RunControl control) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      ScheduledFuture<?> watch =
          watcher.scheduleWithFixedDelay(
              () -> {
                if (control.isCancelled()) {
                  cancel(statement);
                }
              },
              WATCH_MILLIS,
              WATCH_MILLIS,
              TimeUnit.MILLISECONDS);
      try {
        statement.execute(sql);
      } finally {
        watch.cancel(false);
      }
    }
  }

  /** Reads a result, and closes it. */
  @FunctionalInterface
  interface Reader<T> {
    T read(ResultSet rows) throws SQLException;
  }

  <T> T query(String sql, Reader<T> reader) throws SQLException {
    return query(sql, RunControl.unwatched(), reader);
  }

  /** Runs a query that the control can stop, telling it how far it is. */
  <T> T query(String sql, RunControl control, Reader<T> reader) throws SQLException {
    try (DuckDBPreparedStatement statement =
        connection.createStatement().unwrap(DuckDBPreparedStatement.class)) {
      ScheduledFuture<?> watch =
          watcher.scheduleWithFixedDelay(
              () -> watch(statement, control), WATCH_MILLIS, WATCH_MILLIS, TimeUnit.MILLISECONDS);
      control.onCancel(() -> cancel(statement));
      try (ResultSet rows = statement.executeQuery(sql)) {
        return reader.read(rows);
      } finally {
        control.onCancel(() -> {});
        watch.cancel(false);
      }
    }
  }

  private static void watch(DuckDBPreparedStatement statement, RunControl control) {
    // Again and again: a cancellation that comes before the statement runs would be lost.
    if (control.isCancelled()) {
      cancel(statement);
      return;
    }
    try {
      QueryProgress progress = statement.getQueryProgress();
      if (progress.getPercentage() >= 0) {
        control.report(Math.min(1, progress.getPercentage() / 100));
      }
    } catch (SQLException e) {
      // The statement has just ended: there is nothing to tell.
    }
  }

  private static void cancel(Statement statement) {
    try {
      statement.cancel();
    } catch (SQLException e) {
      // The statement has just ended: there is nothing to stop.
    }
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // An in-memory database has nothing to lose.
    }
    deleteTree(spillFolder);
  }

  private static void deleteTree(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                throws IOException {
              Files.delete(file);
              return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure)
                throws IOException {
              Files.delete(visited);
              return FileVisitResult.CONTINUE;
            }
          });
    } catch (IOException e) {
      // Left-over spill files are litter, not a failure of the call.
    }
  }
}
