package io.scorebatch.table.delta;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.kernel.internal.actions.DeletionVectorDescriptor;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.DataFile.Content;
import io.scorebatch.api.table.DeletedRows;
import io.scorebatch.api.table.StoredColumn;
import io.scorebatch.api.table.TableChanges;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Tells what versions of a table have changed, from the JSON files of its log: one after the other,
 * as the Delta protocol says. A version with a change data feed is its feed and nothing else. One
 * that has none is its files with {@code dataChange}; a file that only lost rows to a deletion
 * vector brings none. One thread.
 */
final class ChangeReader {
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SnapshotReader reader;
  private final List<StoredColumn> partitions;
  private final Map<String, DataFile> fresh = new LinkedHashMap<>();

  /** Fresh files that were taken out of the table since: clean-ups may have deleted them. */
  private final Set<String> retired = new LinkedHashSet<>();

  private boolean rowsRemoved;

  /**
   * @param partitions of the last version
   */
  ChangeReader(SnapshotReader reader, List<StoredColumn> partitions) {
    this.reader = reader;
    this.partitions = partitions;
  }

  /**
   * What changed after one version, up to another.
   *
   * @throws FileNotFoundException naming a file that is gone: a version of the log, or one with
   *     changed rows
   */
  TableChanges read(long after, long until) throws IOException {
    Storage storage = reader.logs().storage();
    String log = storage.child(reader.folder(), "_delta_log");
    for (long version = after + 1; version <= until; version++) {
      apply(actions(storage.child(log, String.format(Locale.ROOT, "%020d.json", version))));
    }
    for (String path : retired) {
      if (fresh.containsKey(path)) {
        storage.getFileStatus(path);
      }
    }
    return new TableChanges(List.copyOf(fresh.values()), rowsRemoved);
  }

  /** Actions of one version on files, by kind. */
  private record Actions(List<JsonNode> adds, List<JsonNode> removes, List<JsonNode> feed) {}

  private Actions actions(String file) throws IOException {
    Actions found = new Actions(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                reader.logs().storage().newInputFile(file, -1).newStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode action = JSON.readTree(line);
        if (action.has("add")) {
          found.adds.add(action.get("add"));
        } else if (action.has("remove")) {
          found.removes.add(action.get("remove"));
        } else if (action.has("cdc")) {
          found.feed.add(action.get("cdc"));
        }
      }
    }
    return found;
  }

  private void apply(Actions actions) {
    if (!actions.feed.isEmpty()) {
      for (JsonNode file : actions.feed) {
        fresh.put(path(file), dataFile(file, Content.CHANGE_FEED));
        retired.add(path(file));
      }
      actions.removes.forEach(remove -> retired.add(path(remove)));
      return;
    }
    Map<String, JsonNode> removed = new HashMap<>();
    Set<String> freshBefore = new HashSet<>();
    for (JsonNode remove : actions.removes) {
      String path = path(remove);
      if (!changesData(remove)) {
        // Its rows went on into another file, which says of itself that it brings nothing new.
        retired.add(path);
        continue;
      }
      rowsRemoved = true;
      removed.put(path, remove);
      // Rows of it that stay are in files this version adds.
      if (fresh.remove(path) != null) {
        freshBefore.add(path);
      }
    }
    for (JsonNode add : actions.adds) {
      String path = path(add);
      JsonNode before = removed.get(path);
      boolean bringsRows =
          before == null || freshBefore.contains(path) || !onlyLostRows(before, add);
      if (changesData(add) && bringsRows) {
        fresh.put(path, dataFile(add, Content.ROWS));
        retired.remove(path);
      }
    }
  }

  private static boolean changesData(JsonNode action) {
    return action.path("dataChange").asBoolean(true);
  }

  private String path(JsonNode action) {
    return reader.logs().storage().resolve(reader.folder(), action.path("path").asText());
  }

  private DataFile dataFile(JsonNode file, Content content) {
    Map<String, @Nullable String> logged = new HashMap<>();
    for (Map.Entry<String, JsonNode> value : file.path("partitionValues").properties()) {
      logged.put(value.getKey(), value.getValue().isNull() ? null : value.getValue().asText());
    }
    JsonNode statistics = file.path("stats");
    return new DataFile(
        path(file),
        file.path("size").asLong(),
        statistics.isTextual() ? StatisticsJson.rows(statistics.asText()) : OptionalLong.empty(),
        reader.partitionValues(logged, partitions),
        deletedRows(file),
        content);
  }

  private Optional<DeletedRows> deletedRows(JsonNode file) {
    JsonNode vector = file.path("deletionVector");
    if (!vector.isObject()) {
      return Optional.empty();
    }
    return Optional.of(
        reader.deletedRows(
            new DeletionVectorDescriptor(
                vector.path("storageType").asText(),
                vector.path("pathOrInlineDv").asText(),
                vector.hasNonNull("offset")
                    ? Optional.of(vector.path("offset").asInt())
                    : Optional.empty(),
                vector.path("sizeInBytes").asInt(),
                vector.path("cardinality").asLong())));
  }

  /** Whether all rows a file has now were in it before. */
  private boolean onlyLostRows(JsonNode before, JsonNode now) {
    Optional<DeletedRows> deletedBefore = deletedRows(before);
    if (deletedBefore.isEmpty()) {
      return true;
    }
    Optional<DeletedRows> deletedNow = deletedRows(now);
    if (deletedNow.isEmpty()) {
      return false;
    }
    Set<Long> still = deletedNow.get().positions().boxed().collect(Collectors.toSet());
    return deletedBefore.get().positions().allMatch(still::contains);
  }
}
