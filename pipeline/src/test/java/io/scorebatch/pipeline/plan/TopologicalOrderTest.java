package io.scorebatch.pipeline.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.spec.SpecColumn;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class TopologicalOrderTest {
  private static SpecColumn requested(String name) {
    return new SpecColumn.Requested(name, null, true, OptionalInt.empty());
  }

  private static SpecColumn looked(String name, String... keys) {
    return new SpecColumn.Looked(
        name, "main.ml.t", name, List.of(keys), null, null, null, true, OptionalInt.empty());
  }

  private static SpecColumn computed(String name, String... arguments) {
    Map<String, String> bindings = new java.util.LinkedHashMap<>();
    for (String argument : arguments) {
      bindings.put("p" + bindings.size(), argument);
    }
    return new SpecColumn.Computed(name, "main.ml.f", bindings, null, true, OptionalInt.empty());
  }

  @Test
  void requestedColumnsGoBeforeFunctionsAndThoseBeforeLookups() {
    assertThat(
            TopologicalOrder.of(
                List.of(looked("a", "id"), computed("b", "id"), requested("id"), requested("c"))))
        .isEqualTo(Map.of("c", 0, "id", 1, "b", 2, "a", 3));
  }

  @Test
  void lookupsThatAreReadyGoTogetherBeforeWhatTheyMakeReady() {
    assertThat(
            TopologicalOrder.of(
                List.of(
                    requested("id"),
                    looked("b", "id"),
                    looked("a", "id"),
                    looked("aa", "a"),
                    computed("f", "a"))))
        .isEqualTo(Map.of("id", 0, "a", 1, "b", 2, "f", 3, "aa", 4));
  }

  @Test
  void columnsThatWaitForEachOtherHaveNoNumber() {
    assertThat(TopologicalOrder.of(List.of(requested("id"), looked("a", "b"), looked("b", "a"))))
        .isEqualTo(Map.of("id", 0));
  }

  @Test
  void keysThatNobodyGivesAreTheCallersAndHoldNothingUp() {
    assertThat(TopologicalOrder.of(List.of(looked("a", "elsewhere")))).isEqualTo(Map.of("a", 0));
  }
}
