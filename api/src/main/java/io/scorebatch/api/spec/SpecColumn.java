package io.scorebatch.api.spec;

import io.scorebatch.api.type.ColumnType;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * One column of a feature spec. Immutable.
 *
 * <p>{@code dataType} is null where the file gives none or one we do not know; it never decides how
 * a table is read (the table's own type does).
 */
public sealed interface SpecColumn {
  /** The name the model sees. */
  String name();

  @Nullable ColumnType dataType();

  /** Whether the model is called with this column. */
  boolean include();

  /** Order of evaluation; empty where the file has none. */
  OptionalInt topologicalOrdering();

  /** A column the caller brings ({@code source: training_data}): keys, request-time values. */
  record Requested(
      String name, @Nullable ColumnType dataType, boolean include, OptionalInt topologicalOrdering)
      implements SpecColumn {}

  /**
   * A feature looked up in a table ({@code source: feature_store}).
   *
   * @param table three-part table name
   * @param feature column of that table
   * @param lookupKey columns that hold the table's primary key, paired by position
   * @param timestampLookupKey column with the point in time; null for a plain look-up
   * @param defaultValue text of the value that stands for NULL (and NaN in float columns); null for
   *     none
   */
  record Looked(
      String name,
      String table,
      String feature,
      List<String> lookupKey,
      @Nullable String timestampLookupKey,
      @Nullable String defaultValue,
      @Nullable ColumnType dataType,
      boolean include,
      OptionalInt topologicalOrdering)
      implements SpecColumn {
    public Looked {
      lookupKey = List.copyOf(lookupKey);
    }
  }

  /**
   * A feature computed when scoring ({@code source: on_demand_feature}).
   *
   * @param function full function name, lower case
   * @param bindings parameter to column, in file order
   */
  record Computed(
      String name,
      String function,
      Map<String, String> bindings,
      @Nullable ColumnType dataType,
      boolean include,
      OptionalInt topologicalOrdering)
      implements SpecColumn {
    public Computed {
      bindings = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(bindings));
    }
  }
}
