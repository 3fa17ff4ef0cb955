package io.scorebatch.model.python;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The columns a Python model answers, as its signature declares them, kept as attributes {@code
 * output.<i>.name} and {@code output.<i>.type}. Stateless.
 */
final class DeclaredOutputs {
  private static final Labels FLAGS = new Labels(Primitive.BOOLEAN, List.of(false, true));
  private static final int MOST = 10_000;

  private DeclaredOutputs() {}

  /** Attributes for the outputs of a signature; of a matrix, one for each column. */
  static Map<String, String> attributes(Path folder, List<Signature.Field> outputs) {
    Map<String, String> attributes = new HashMap<>();
    List<String> unsupported = new ArrayList<>();
    int count = 0;
    for (Signature.Field output : outputs) {
      List<Long> shape = output.tensorShape();
      long width = shape != null && shape.size() == 2 ? shape.get(1) : 1;
      String type = type(output);
      if (type.isEmpty() || width < 1 || width > MOST || (shape != null && shape.size() > 2)) {
        unsupported.add(
            output.typeText()
                + (output.name() == null ? "" : " '" + output.name() + "'")
                + (shape == null ? "" : " of shape " + shape));
        continue;
      }
      for (int i = 0; i < width; i++) {
        String name = output.name() == null || width > 1 ? String.valueOf(i) : output.name();
        attributes.put("output." + count + ".name", name);
        attributes.put("output." + count + ".type", type);
        count++;
      }
    }
    if (!unsupported.isEmpty()) {
      throw PythonErrors.outputsUnsupported(folder, unsupported);
    }
    return attributes;
  }

  /** {@code number}, {@code boolean} or {@code text}; empty for what is neither. */
  private static String type(Signature.Field output) {
    Optional<ColumnType> type = output.type();
    if (type.filter(ColumnType::isNumeric).isPresent()) {
      return "number";
    }
    if (type.filter(t -> t == Primitive.BOOLEAN).isPresent()) {
      return "boolean";
    }
    boolean texts =
        type.filter(t -> t == Primitive.STRING || t == Primitive.TIMESTAMP).isPresent()
            // An array of Python strings has the type object.
            || output.typeText().contains("object")
            || output.typeText().contains("str");
    return texts ? "text" : "";
  }

  /** The score columns; one number where the signature declares nothing. */
  static List<ScoreColumn> columns(Map<String, String> attributes) {
    List<ScoreColumn> columns = new ArrayList<>();
    boolean single = !attributes.containsKey("output.1.name");
    for (int i = 0; attributes.containsKey("output." + i + ".name"); i++) {
      String declared = attributes.getOrDefault("output." + i + ".name", "");
      String name = single ? OutputKind.PREDICT.configName() : declared;
      String type = attributes.getOrDefault("output." + i + ".type", "number");
      columns.add(
          switch (type) {
            case "text" ->
                new ScoreColumn(OutputKind.PREDICT, name, ScoreColumn.Type.TEXT, Optional.empty());
            case "boolean" ->
                new ScoreColumn(
                    OutputKind.PREDICT, name, ScoreColumn.Type.LABEL_INDEX, Optional.of(FLAGS));
            default -> ScoreColumn.number(OutputKind.PREDICT, name);
          });
    }
    return columns.isEmpty()
        ? List.of(ScoreColumn.number(OutputKind.PREDICT, OutputKind.PREDICT.configName()))
        : List.copyOf(columns);
  }
}
