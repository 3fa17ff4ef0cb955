package io.scorebatch.kernel;

import io.scorebatch.api.model.ModelInput;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;

/**
 * How many values of an input were no category of training, missing ones left out. A model may
 * score both alike; a person wants to know which it was. Thread-safe.
 */
final class UnknownCategories {
  private record Place(Object reader, int input) {}

  private final Map<Place, LongAdder> counts = new ConcurrentHashMap<>();

  /**
   * Notes unknown values of some rows.
   *
   * @param reader who met them: an input that several read is not counted several times
   * @param input the model input; below 0 for a computed column, which nobody can look up
   */
  void add(Object reader, int input, long values) {
    if (values > 0 && input >= 0) {
      counts.computeIfAbsent(new Place(reader, input), place -> new LongAdder()).add(values);
    }
  }

  /** A note for all inputs that had some; none otherwise. */
  List<String> notes(List<ModelInput> inputs) {
    Map<Integer, Long> most = new TreeMap<>();
    counts.forEach((place, count) -> most.merge(place.input(), count.sum(), Math::max));
    if (most.isEmpty()) {
      return List.of();
    }
    List<String> told = new ArrayList<>();
    most.forEach(
        (input, count) ->
            told.add(String.format(Locale.ROOT, "%s (%,d)", inputs.get(input).name(), count)));
    return List.of(
        "values that are no category of training, scored as the model scores unknown ones: "
            + String.join(", ", told));
  }
}
