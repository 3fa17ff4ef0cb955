package io.scorebatch.api.plan;

import io.scorebatch.api.table.TableSnapshot;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A step that adds columns to the rows, one row in, one row out. Immutable. */
public sealed interface PlanStep {
  /** Names of the columns it adds. */
  List<String> adds();

  /**
   * Features of one table: the row whose keys equal the request's. NULL keys match nothing; a key
   * that is not there gives NULL features. With a timestamp: the newest row at or before it, not
   * older than the look-back (inclusive, to the microsecond).
   *
   * @param table the feature table
   * @param keys request column by table key column, in order
   * @param timestamp how to find the point in time; null for a plain look-up
   * @param features what to take
   * @param duplicates what to do where the table holds a key twice
   * @param overridden columns it would add had the keys not brought them
   */
  record Lookup(
      TableSnapshot table,
      List<KeyPair> keys,
      @Nullable PointInTime timestamp,
      List<Feature> features,
      DuplicateKeys duplicates,
      List<String> overridden)
      implements PlanStep {
    public Lookup {
      keys = List.copyOf(keys);
      features = List.copyOf(features);
      overridden = List.copyOf(overridden);
    }

    /** A look-up of all its features. */
    public Lookup(
        TableSnapshot table,
        List<KeyPair> keys,
        @Nullable PointInTime timestamp,
        List<Feature> features,
        DuplicateKeys duplicates) {
      this(table, keys, timestamp, features, duplicates, List.of());
    }

    /** The same look-up in another table. */
    public Lookup withTable(TableSnapshot other) {
      return new Lookup(other, keys, timestamp, features, duplicates, overridden);
    }

    @Override
    public List<String> adds() {
      return features.stream().map(Feature::output).toList();
    }

    /** A request column and the table column it must equal. */
    public record KeyPair(String request, String table) {}

    /** A table column and the name it gets. */
    public record Feature(String column, String output) {}

    /**
     * The point in time of a look-up.
     *
     * @param request request column with the moment asked for
     * @param table the table's time column
     * @param lookbackMicros how old a row may be; null for any age
     */
    public record PointInTime(String request, String table, @Nullable Long lookbackMicros) {}
  }

  /** What to do where a feature table holds a key more than once. */
  enum DuplicateKeys {
    /** Fail, naming the table, a key and the count. */
    FAIL,
    /** Give one output row a duplicate, as a plain left join would. */
    MULTIPLY,
    /** Take the newest by the table's time column or commit order. */
    LATEST
  }

  /**
   * An on-demand function as a SQL expression.
   *
   * @param output the column it adds
   * @param function its full name, for messages
   * @param sql an expression over the parameter names
   * @param bindings parameter to column
   */
  record Compute(String output, String function, String sql, Map<String, String> bindings)
      implements PlanStep {
    public Compute {
      bindings = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(bindings));
    }

    @Override
    public List<String> adds() {
      return List.of(output);
    }
  }

  /**
   * An on-demand function as a Java object.
   *
   * @param output the column it adds, of the function's result type
   * @param function its full name, for messages
   * @param body what computes it
   * @param bindings parameter to column, one for each parameter, named as the body names them
   */
  record Call(String output, String function, OnDemandFunction body, Map<String, String> bindings)
      implements PlanStep {
    public Call {
      bindings = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(bindings));
    }

    @Override
    public List<String> adds() {
      return List.of(output);
    }
  }
}
