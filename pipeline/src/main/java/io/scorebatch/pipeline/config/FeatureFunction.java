package io.scorebatch.pipeline.config;

import static java.util.Objects.requireNonNull;

import io.scorebatch.api.type.ColumnType;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * A feature that a function computes when scoring. The model keeps the function's name only; who
 * scores brings the body. Immutable.
 *
 * @param function full name; kept in lower case
 * @param bindings column by parameter
 * @param output the name the feature gets
 * @param type type of the result
 */
public record FeatureFunction(
    String function, Map<String, String> bindings, String output, ColumnType type) {
  public FeatureFunction {
    function = function.toLowerCase(Locale.ROOT);
    bindings = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(bindings));
    requireNonNull(output, "output is null");
    requireNonNull(type, "type is null");
  }
}
