package io.scorebatch.pipeline.config;

import io.scorebatch.api.type.ColumnType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the inputs of a model come from, as a person says it. Immutable.
 *
 * @param lookups features from tables
 * @param functions features computed when scoring
 * @param request columns the caller brings beside keys, by name; the type where it is told
 * @param labels what the model was trained to predict: never an input
 * @param exclude columns the model does not see
 */
public record FeatureSet(
    List<FeatureLookup> lookups,
    List<FeatureFunction> functions,
    Map<String, Optional<ColumnType>> request,
    List<String> labels,
    List<String> exclude) {
  public FeatureSet {
    lookups = List.copyOf(lookups);
    functions = List.copyOf(functions);
    request = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(request));
    labels = List.copyOf(labels);
    exclude = List.copyOf(exclude);
  }

  /** Features from tables only. */
  public static FeatureSet of(FeatureLookup... lookups) {
    return new FeatureSet(List.of(lookups), List.of(), Map.of(), List.of(), List.of());
  }

  /** The same with more of everything: what a command line adds to a file. */
  public FeatureSet with(FeatureSet more) {
    Map<String, Optional<ColumnType>> columns = new LinkedHashMap<>(request);
    columns.putAll(more.request);
    return new FeatureSet(
        both(lookups, more.lookups),
        both(functions, more.functions),
        columns,
        both(labels, more.labels),
        both(exclude, more.exclude));
  }

  /** The same with labels. */
  public FeatureSet withLabels(List<String> names) {
    return new FeatureSet(lookups, functions, request, names, exclude);
  }

  /** The same with columns the model does not see. */
  public FeatureSet withExclude(List<String> names) {
    return new FeatureSet(lookups, functions, request, labels, names);
  }

  private static <T> List<T> both(List<T> first, List<T> second) {
    List<T> all = new ArrayList<>(first);
    second.stream().filter(each -> !all.contains(each)).forEach(all::add);
    return all;
  }
}
