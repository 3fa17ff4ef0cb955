package io.scorebatch.pipeline.plan;

import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.spec.SpecColumn.Computed;
import io.scorebatch.api.spec.SpecColumn.Looked;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Numbers columns so that each comes after those it needs, as the feature store numbers them: of
 * the columns that are ready, requested ones go first, then functions, then look-ups, by name among
 * themselves; where only look-ups are ready, all of them go before what they make ready.
 */
final class TopologicalOrder {
  private TopologicalOrder() {}

  /** The number of each column; columns that wait for each other in a circle have none. */
  static Map<String, Integer> of(List<SpecColumn> columns) {
    Map<String, SpecColumn> waiting = new LinkedHashMap<>();
    columns.forEach(column -> waiting.put(column.name(), column));
    Set<String> all = Set.copyOf(waiting.keySet());
    Map<String, Integer> numbers = new HashMap<>();
    while (!waiting.isEmpty()) {
      List<SpecColumn> ready = new ArrayList<>();
      for (SpecColumn column : waiting.values()) {
        if (inputs(column).stream().allMatch(i -> !all.contains(i) || numbers.containsKey(i))) {
          ready.add(column);
        }
      }
      if (ready.isEmpty()) {
        break;
      }
      ready.sort(Comparator.comparingInt(TopologicalOrder::kind).thenComparing(SpecColumn::name));
      boolean batch = ready.get(0) instanceof Looked;
      for (SpecColumn column : batch ? ready : ready.subList(0, 1)) {
        numbers.put(column.name(), numbers.size());
        waiting.remove(column.name());
      }
    }
    return numbers;
  }

  private static int kind(SpecColumn column) {
    return column instanceof Looked ? 2 : column instanceof Computed ? 1 : 0;
  }

  /** The columns that have to be there first. */
  static List<String> inputs(SpecColumn column) {
    if (column instanceof Looked looked) {
      List<String> inputs = new ArrayList<>(looked.lookupKey());
      if (looked.timestampLookupKey() != null) {
        inputs.add(looked.timestampLookupKey());
      }
      return inputs;
    }
    return column instanceof Computed computed
        ? List.copyOf(computed.bindings().values())
        : List.of();
  }
}
