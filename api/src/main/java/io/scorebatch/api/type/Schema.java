package io.scorebatch.api.type;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Columns in order. Two names that differ only in case cannot stand in one schema (Delta compares
 * names so). Immutable.
 */
public record Schema(List<Column> columns) {
  public Schema {
    columns = List.copyOf(columns);
    Map<String, String> seen = new HashMap<>();
    for (Column column : columns) {
      String other = seen.put(column.name().toLowerCase(Locale.ROOT), column.name());
      if (other != null) {
        throw new IllegalArgumentException(
            "columns '" + other + "' and '" + column.name() + "' differ in nothing but case");
      }
    }
  }

  public static Schema of(Column... columns) {
    return new Schema(List.of(columns));
  }

  /** The column of that name, ignoring case. */
  public Optional<Column> find(String name) {
    return columns.stream().filter(c -> c.name().equalsIgnoreCase(name)).findFirst();
  }

  public List<String> names() {
    return columns.stream().map(Column::name).toList();
  }

  public int size() {
    return columns.size();
  }
}
