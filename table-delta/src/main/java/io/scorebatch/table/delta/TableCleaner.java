package io.scorebatch.table.delta;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.kernel.data.Row;
import io.delta.kernel.engine.FileReadResult;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import io.scorebatch.api.table.TableName;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Removes what dead writers have left of a table: files in abandoned {@link StagingFolder}s that
 * neither a version in the log nor a tombstone names, and half-written files of the log that can no
 * longer become anything.
 */
record TableCleaner(DeltaLogs logs, TableName table, String folder) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final StructType PATHS =
      new StructType()
          .add("add", new StructType().add("path", StringType.STRING))
          .add("remove", new StructType().add("path", StringType.STRING));
  private static final Pattern HALF_WRITTEN =
      Pattern.compile("\\.(\\d{20})(\\.json|\\.checkpoint\\..*)\\.[0-9a-f-]{36}\\.tmp");
  private static final Pattern CHECKPOINT = Pattern.compile("(\\d{20})\\.checkpoint\\..*");

  /**
   * @param dryRun whether they are only told
   * @return paths and URIs, sorted
   */
  List<String> clean(boolean dryRun) {
    List<StagingFolder> abandoned = List.of();
    try {
      // Locks first: what a writer committed before it ended is in the log that is read after.
      abandoned = StagingFolder.abandoned(logs.storage().stagingFolder(folder));
      Map<String, Path> staged = new TreeMap<>();
      for (StagingFolder each : abandoned) {
        for (Path file : each.files()) {
          staged.put(StagingFolder.tail(file.toString()).orElseThrow(), file);
        }
      }
      List<FileStatus> log =
          logs.storage().files(logs.storage().child(folder, "_delta_log"), Integer.MAX_VALUE);
      Set<String> named = staged.isEmpty() ? Set.of() : named(log, staged.keySet());
      List<String> leftovers = halfWritten(log);
      staged.forEach(
          (tail, file) ->
              leftovers.addAll(logs.storage().leftovers(folder, file, tail, named.contains(tail))));
      Collections.sort(leftovers);
      if (!dryRun) {
        for (String each : leftovers) {
          logs.storage().delete(each);
        }
      }
      return leftovers;
    } catch (IOException e) {
      throw TableErrors.notCleaned(table, e);
    } catch (RuntimeException e) {
      throw TableErrors.unreadable(table, e);
    } finally {
      abandoned.forEach(dryRun ? StagingFolder::release : StagingFolder::close);
    }
  }

  /**
   * A version's file comes to be by a link, which fails where the version is there; a checkpoint
   * older than the newest is of no use.
   */
  private static List<String> halfWritten(List<FileStatus> log) {
    long version = -1;
    long checkpoint = -1;
    for (FileStatus file : log) {
      String name = DeltaTable.fileName(file);
      Matcher complete = CHECKPOINT.matcher(name);
      if (complete.matches()) {
        checkpoint = Math.max(checkpoint, Long.parseLong(complete.group(1)));
      } else if (DeltaTable.isVersion(name)) {
        version = Math.max(version, DeltaTable.version(name));
      }
    }
    List<String> found = new ArrayList<>();
    for (FileStatus file : log) {
      Matcher half = HALF_WRITTEN.matcher(DeltaTable.fileName(file));
      if (half.matches()
          && Long.parseLong(half.group(1))
              <= (half.group(2).equals(".json") ? version : checkpoint)) {
        found.add(file.getPath());
      }
    }
    return found;
  }

  /** Those of some staged files that the log names. */
  private Set<String> named(List<FileStatus> log, Set<String> tails) throws IOException {
    Set<String> named = new HashSet<>();
    List<FileStatus> parquet = new ArrayList<>();
    long versions = 0;
    long last = -1;
    for (FileStatus file : log) {
      String name = DeltaTable.fileName(file);
      boolean checkpoint = CHECKPOINT.matcher(name).matches();
      if (DeltaTable.isVersion(name)) {
        versions++;
        last = DeltaTable.version(name);
      }
      if (checkpoint && name.endsWith(".parquet")) {
        parquet.add(file);
      } else if (checkpoint || DeltaTable.isVersion(name)) {
        readJson(file, tails, named);
      }
    }
    // Checkpoints say nothing new where every version is there.
    if (versions <= last || last < 0) {
      String sidecars =
          logs.storage().child(logs.storage().child(folder, "_delta_log"), "_sidecars");
      parquet.addAll(logs.storage().files(sidecars, Integer.MAX_VALUE));
      readParquet(parquet, tails, named);
    }
    return named;
  }

  private void readJson(FileStatus file, Set<String> tails, Set<String> named) throws IOException {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                logs.storage().newInputFile(file.getPath(), file.getSize()).newStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.contains(StagingFolder.PREFIX)) {
          JsonNode action = JSON.readTree(line);
          for (String kind : List.of("add", "remove", "cdc")) {
            note(action.path(kind).path("path").asText(""), tails, named);
          }
        }
      }
    }
  }

  private void readParquet(List<FileStatus> files, Set<String> tails, Set<String> named)
      throws IOException {
    try (CloseableIterator<FileReadResult> batches =
        logs.engine()
            .getParquetHandler()
            .readParquetFiles(
                Utils.toCloseableIterator(files.iterator()), PATHS, Optional.empty())) {
      while (batches.hasNext()) {
        try (CloseableIterator<Row> rows = batches.next().getData().getRows()) {
          while (rows.hasNext()) {
            Row row = rows.next();
            for (int kind = 0; kind < PATHS.length(); kind++) {
              if (!row.isNullAt(kind)) {
                note(row.getStruct(kind).getString(0), tails, named);
              }
            }
          }
        }
      }
    }
  }

  private void note(String path, Set<String> tails, Set<String> named) {
    if (path.contains(StagingFolder.PREFIX)) {
      StagingFolder.tail(logs.storage().resolve(folder, path))
          .filter(tails::contains)
          .ifPresent(named::add);
    }
  }
}
