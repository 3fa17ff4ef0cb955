package io.scorebatch.client;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A table to make from a query. Immutable.
 *
 * @param name its name
 * @param primaryKey columns that identify a row and hold no NULL
 * @param timestampKey the time column of a time series; null for none
 * @param comment what it is
 * @param columnComments what each column is
 */
public record TableDefinition(
    String name,
    List<String> primaryKey,
    @Nullable String timestampKey,
    String comment,
    Map<String, String> columnComments) {
  public TableDefinition {
    primaryKey = List.copyOf(primaryKey);
    columnComments = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(columnComments));
  }
}
