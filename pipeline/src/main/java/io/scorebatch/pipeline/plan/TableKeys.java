package io.scorebatch.pipeline.plan;

import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.ColumnType;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The key a feature table declares. Delta itself has no primary keys, so they stand in two table
 * properties: {@code scorebatch.primary_key} (names, comma between) and {@code
 * scorebatch.timestamp_key}.
 */
public final class TableKeys {
  public static final String PRIMARY_KEY = "scorebatch.primary_key";
  public static final String TIMESTAMP_KEY = "scorebatch.timestamp_key";

  private TableKeys() {}

  /** The declared key columns without the time column; empty where none are declared. */
  static List<String> primaryKey(TableSnapshot table) {
    String declared = table.properties().getOrDefault(PRIMARY_KEY, "");
    return Arrays.stream(declared.split(",", -1))
        .map(String::strip)
        .filter(name -> !name.isEmpty())
        .filter(name -> !timestampKey(table).equals(Optional.of(name)))
        .toList();
  }

  static Optional<String> timestampKey(TableSnapshot table) {
    return Optional.ofNullable(table.properties().get(TIMESTAMP_KEY)).filter(s -> !s.isBlank());
  }

  /**
   * The types of the columns that a table is looked up by: those of the key columns they are paired
   * with, by name where the names are the table's key, else by position. Columns without a
   * counterpart are left out.
   */
  static Map<String, ColumnType> types(
      TableSnapshot table, List<String> keys, @Nullable String moment) {
    Map<String, ColumnType> types = new LinkedHashMap<>();
    List<String> declared = primaryKey(table);
    boolean byName =
        declared.size() != keys.size() || new HashSet<>(declared).equals(new HashSet<>(keys));
    for (int i = 0; i < keys.size(); i++) {
      String key = keys.get(i);
      table
          .schema()
          .find(byName ? key : declared.get(i))
          .ifPresent(column -> types.put(key, column.type()));
    }
    if (moment != null) {
      table
          .schema()
          .find(timestampKey(table).orElse(moment))
          .ifPresent(column -> types.put(moment, column.type()));
    }
    return types;
  }
}
