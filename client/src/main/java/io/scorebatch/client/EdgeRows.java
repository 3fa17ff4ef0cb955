package io.scorebatch.client;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.TreeTable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Rows at which scorers go wrong if they do: exactly at a tree's thresholds and one step beside
 * them in double and in float, missing values, both zeros, huge numbers, unseen texts.
 */
final class EdgeRows {
  private static final int MOST_THRESHOLDS = 40;
  private static final int MOST_COLUMNS = 20;
  private static final int MIXED_ROWS = 100;
  private static final long SEED = 20;

  private EdgeRows() {}

  private record Split(int column, double threshold) {}

  /**
   * The given rows and edge rows made from them, with the model's inputs as columns.
   *
   * @param known rows to begin with; may be none
   */
  static Recording with(Model model, Recording known) {
    List<ModelInput> inputs = model.inputs();
    List<List<@Nullable Object>> rows = new ArrayList<>();
    for (List<@Nullable Object> row : known.rows()) {
      rows.add(ofInputs(inputs, known, row));
    }
    List<@Nullable Object> base = rows.isEmpty() ? blank(inputs) : rows.get(0);
    List<Split> splits = splits(model);
    for (Split split : splits) {
      if (split.column() < inputs.size() && !inputs.get(split.column()).text()) {
        neighbours(split.threshold())
            .forEach(value -> rows.add(changed(base, split.column(), value)));
      }
    }
    mixed(inputs, base, splits, rows);
    for (int c = 0; c < Math.min(MOST_COLUMNS, inputs.size()); c++) {
      for (Object value : specials(inputs.get(c))) {
        rows.add(changed(base, c, value));
      }
      rows.add(changed(base, c, null));
    }
    return new Recording(
        inputs.stream().map(ModelInput::name).toList(), rows, known.source() + " and edge rows");
  }

  /** Rows whose every number lies near some threshold of its column, so that trees go many ways. */
  private static void mixed(
      List<ModelInput> inputs,
      List<@Nullable Object> base,
      List<Split> splits,
      List<List<@Nullable Object>> rows) {
    Random random = new Random(SEED);
    for (int n = 0; n < MIXED_ROWS; n++) {
      List<@Nullable Object> row = new ArrayList<>(base);
      for (int c = 0; c < inputs.size(); c++) {
        if (!inputs.get(c).text()) {
          int column = c;
          List<Split> own = splits.stream().filter(split -> split.column() == column).toList();
          double centre = own.isEmpty() ? 0 : own.get(random.nextInt(own.size())).threshold();
          row.set(
              c,
              centre
                  + random.nextGaussian() * (own.isEmpty() ? 1 : Math.max(1e-3, Math.abs(centre))));
        }
      }
      rows.add(row);
    }
  }

  private static List<Object> specials(ModelInput input) {
    return input.text() ? List.of("", "unseen \u00e9") : List.of(-0.0, 0.0, 1e30, -1e30);
  }

  private static List<@Nullable Object> ofInputs(
      List<ModelInput> inputs, Recording known, List<@Nullable Object> row) {
    List<@Nullable Object> values = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      int position = known.columns().isEmpty() ? i : known.columns().indexOf(inputs.get(i).name());
      if (position < 0 || position >= row.size()) {
        throw RecordingErrors.inputsMissing(
            known.source(), List.of(inputs.get(i).name()), known.columns());
      }
      values.add(row.get(position));
    }
    return values;
  }

  private static List<@Nullable Object> blank(List<ModelInput> inputs) {
    List<@Nullable Object> row = new ArrayList<>();
    inputs.forEach(input -> row.add(input.text() ? "" : (Object) 0.0));
    return row;
  }

  private static List<@Nullable Object> changed(
      List<@Nullable Object> base, int column, @Nullable Object value) {
    List<@Nullable Object> row = new ArrayList<>(base);
    row.set(column, value);
    return row;
  }

  private static Set<Double> neighbours(double t) {
    float f = (float) t;
    Set<Double> values = new LinkedHashSet<>();
    values.add(t);
    values.add(Math.nextUp(t));
    values.add(Math.nextDown(t));
    values.add((double) f);
    values.add((double) Math.nextUp(f));
    values.add((double) Math.nextDown(f));
    values.removeIf(value -> !Double.isFinite(value));
    return values;
  }

  /** Splits spread over all trees; none where the trees read other columns than the inputs. */
  private static List<Split> splits(Model model) {
    if (!(model.structure() instanceof Estimator estimator) || changesColumns(estimator)) {
      return List.of();
    }
    Set<Split> all = new LinkedHashSet<>();
    for (ModelParts part : ModelParts.of(estimator).all()) {
      if (part.record() instanceof TreeTable trees) {
        for (int node = 0; node < trees.nodes(); node++) {
          if (!trees.isLeaf(node) && !trees.isCategorical(node)) {
            all.add(new Split(trees.feature()[node], trees.threshold()[node]));
          }
        }
      }
    }
    List<Split> list = List.copyOf(all);
    List<Split> chosen = new ArrayList<>();
    int count = Math.min(MOST_THRESHOLDS, list.size());
    for (int i = 0; i < count; i++) {
      chosen.add(list.get((int) ((long) i * list.size() / count)));
    }
    return chosen;
  }

  private static boolean changesColumns(Estimator estimator) {
    return ModelParts.of(estimator).all().stream()
        .anyMatch(
            part ->
                part.record() instanceof Pipeline pipeline
                    && !pipeline.steps().stream().allMatch(Transform.Check.class::isInstance));
  }
}
