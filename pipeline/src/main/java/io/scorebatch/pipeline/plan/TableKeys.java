package io.scorebatch.pipeline.plan;

import io.scorebatch.api.table.TableSnapshot;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

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
}
