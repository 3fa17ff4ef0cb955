package io.scorebatch.report;

import io.scorebatch.report.RecordedRun.Gate;
import io.scorebatch.report.RecordedRun.Model;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Two runs of a pipeline beside each other. Immutable.
 *
 * @param before the one
 * @param after the other
 * @param models one entry a model that either has
 */
public record RunDiff(RecordedRun before, RecordedRun after, List<ModelDiff> models) {
  public RunDiff {
    models = List.copyOf(models);
  }

  /**
   * A model in both runs.
   *
   * @param name its name
   * @param before what became of it in the one; empty where it was not part of it
   * @param after in the other
   * @param predictions their predictions, key by key; empty where they were not compared
   * @param notCompared why they were not; empty where they were
   */
  public record ModelDiff(
      String name,
      Optional<Model> before,
      Optional<Model> after,
      Optional<Predictions> predictions,
      String notCompared) {
    /** Gates that measured or judged otherwise: name, before, after. */
    List<List<String>> gates() {
      List<List<String>> changed = new ArrayList<>();
      Set<String> names = new LinkedHashSet<>();
      before.ifPresent(model -> model.gates().forEach(gate -> names.add(gate.name())));
      after.ifPresent(model -> model.gates().forEach(gate -> names.add(gate.name())));
      for (String gate : names) {
        String one = text(before, gate);
        String other = text(after, gate);
        if (!one.equals(other)) {
          changed.add(List.of(gate, one, other));
        }
      }
      return changed;
    }

    private static String text(Optional<Model> model, String name) {
      return model.stream()
          .flatMap(m -> m.gates().stream())
          .filter(gate -> gate.name().equals(name))
          .findFirst()
          .map(ModelDiff::text)
          .orElse("");
    }

    private static String text(Gate gate) {
      return gate.measured().isEmpty() ? gate.verdict() : gate.verdict() + " " + gate.measured();
    }
  }

  /**
   * Predictions of two table versions, key by key.
   *
   * @param equal keys with the same prediction
   * @param different keys with another
   * @param onlyBefore keys of the one alone
   * @param onlyAfter keys of the other alone
   * @param greatest the greatest difference of two numbers; NaN where none differ
   * @param where the key that has it; empty where none differ
   */
  public record Predictions(
      long equal, long different, long onlyBefore, long onlyAfter, double greatest, String where) {}
}
