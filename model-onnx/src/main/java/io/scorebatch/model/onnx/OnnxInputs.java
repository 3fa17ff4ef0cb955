package io.scorebatch.model.onnx;

import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.Signature;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * How columns fill the inputs of a file: all of them one tensor, in order, or each an input of its
 * own, by name. Immutable.
 *
 * @param columns the columns, in the order of the model's metadata
 * @param named whether their names are known
 * @param matrix the one input that takes all columns; empty where each column has its own
 * @param single for each column its input, in order of the columns; empty where there is a matrix
 */
record OnnxInputs(
    List<ModelInput> columns, boolean named, Optional<GraphValue> matrix, List<GraphValue> single) {
  OnnxInputs {
    columns = List.copyOf(columns);
    single = List.copyOf(single);
  }

  /**
   * The inputs of a file under the names the metadata gives.
   *
   * @param known inputs whose names are known already; empty where none are
   */
  static OnnxInputs of(OnnxFile file, List<String> known) {
    for (GraphValue input : file.inputs()) {
      if (!input.isTable()) {
        throw OnnxErrors.unsupportedInput(file.path(), input);
      }
    }
    boolean matrix = file.inputs().size() == 1 && takesAll(file.inputs().get(0), known);
    return matrix ? matrix(file, known) : byName(file, known);
  }

  /** The names that model and signature know: those of the model, else those of the signature. */
  static List<String> names(Model model, Optional<Signature> signature) {
    if (model.namesKnown() && !model.inputs().isEmpty()) {
      return model.inputs().stream().map(ModelInput::name).toList();
    }
    List<Signature.Field> fields = signature.map(Signature::inputs).orElse(List.of());
    boolean columns = fields.stream().allMatch(f -> f.name() != null && f.tensorShape() == null);
    return columns
        ? fields.stream().map(Signature.Field::name).filter(Objects::nonNull).toList()
        : List.of();
  }

  private static boolean takesAll(GraphValue input, List<String> known) {
    return input.width() != 1 || (known.size() == 1 && !known.get(0).equals(input.name()));
  }

  private static OnnxInputs matrix(OnnxFile file, List<String> known) {
    GraphValue input = file.inputs().get(0);
    if (input.width() == GraphValue.FREE && known.isEmpty()) {
      throw OnnxErrors.columnsUnknown(file.path(), input);
    }
    if (input.width() != GraphValue.FREE && !known.isEmpty() && input.width() != known.size()) {
      throw OnnxErrors.columnsDiffer(file.path(), input, input.width(), known.size());
    }
    boolean text = isText(input);
    List<ModelInput> columns = new ArrayList<>();
    int count = known.isEmpty() ? (int) input.width() : known.size();
    for (int i = 0; i < count; i++) {
      columns.add(new ModelInput(known.isEmpty() ? "f" + i : known.get(i), text));
    }
    return new OnnxInputs(columns, !known.isEmpty(), Optional.of(input), List.of());
  }

  private static OnnxInputs byName(OnnxFile file, List<String> known) {
    List<GraphValue> inputs = file.inputs();
    for (GraphValue input : inputs) {
      if (input.width() != 1) {
        throw OnnxErrors.unsupportedInput(file.path(), input);
      }
    }
    List<String> own = inputs.stream().map(GraphValue::name).toList();
    List<String> order = known.isEmpty() ? own : known;
    Set<String> missing = without(own, order);
    Set<String> unknown = without(order, own);
    if (!missing.isEmpty() || !unknown.isEmpty()) {
      throw OnnxErrors.namesDiffer(file.path(), missing, unknown);
    }
    List<ModelInput> columns = new ArrayList<>();
    List<GraphValue> single = new ArrayList<>();
    for (String name : order) {
      GraphValue input = inputs.get(own.indexOf(name));
      columns.add(new ModelInput(name, isText(input)));
      single.add(input);
    }
    return new OnnxInputs(columns, true, Optional.empty(), single);
  }

  private static boolean isText(GraphValue input) {
    return input.element().filter(e -> e == Element.STRING).isPresent();
  }

  private static Set<String> without(Collection<String> all, Collection<String> less) {
    Set<String> rest = new LinkedHashSet<>(all);
    rest.removeAll(less);
    return rest;
  }
}
