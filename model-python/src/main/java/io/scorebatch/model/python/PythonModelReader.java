package io.scorebatch.model.python;

import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.ForeignModelReader;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Takes inputs and outputs of a Python model from its signature; starts no Python. Datetimes are
 * text inputs in ISO-8601. Without a signature the inputs stay those that are known, maybe none,
 * and the model can be looked at but not scored. Stateless.
 */
public final class PythonModelReader implements ForeignModelReader {
  /** The id of this runtime in {@link ForeignModel#runtime()}. */
  public static final String RUNTIME = "python";

  private static final long MOST_COLUMNS = 100_000;

  /** The attribute that says why a model is not scored natively. */
  static final String REASON = "reason";

  @Override
  public String runtime() {
    return RUNTIME;
  }

  @Override
  public Model complete(Model model, LoggedModel logged) {
    ForeignModel foreign = (ForeignModel) model.structure();
    Path folder = foreign.artifact();
    if (!Files.isRegularFile(folder.resolve("MLmodel"))) {
      throw PythonErrors.notAModel(folder);
    }
    List<Signature.Field> fields = logged.signature().map(Signature::inputs).orElse(List.of());
    List<ModelInput> inputs = inputs(folder, fields, model);
    Map<String, String> attributes = new HashMap<>(foreign.attributes());
    logged
        .signature()
        .filter(signature -> !signature.outputs().isEmpty())
        .ifPresent(s -> attributes.putAll(DeclaredOutputs.attributes(folder, s.outputs())));
    boolean named =
        model.namesKnown() || fields.stream().anyMatch(field -> field.tensorShape() == null);
    return new Model(
        model.origin(),
        model.task(),
        inputs,
        named,
        Optional.empty(),
        Set.of(OutputKind.PREDICT),
        new ForeignModel(RUNTIME, folder, attributes));
  }

  private static List<ModelInput> inputs(Path folder, List<Signature.Field> fields, Model model) {
    if (fields.isEmpty()) {
      return model.inputs();
    }
    List<Long> shape = fields.get(0).tensorShape();
    String reason = ((ForeignModel) model.structure()).attributes().getOrDefault(REASON, "");
    return shape == null
        ? columns(folder, fields, reason)
        : tensor(folder, fields, shape, model, reason);
  }

  private static List<ModelInput> columns(
      Path folder, List<Signature.Field> fields, String reason) {
    List<ModelInput> inputs = new ArrayList<>();
    List<String> unsupported = new ArrayList<>();
    for (int i = 0; i < fields.size(); i++) {
      Signature.Field field = fields.get(i);
      String name = field.name() == null ? String.valueOf(i) : field.name();
      Optional<ColumnType> type = field.type();
      boolean number = type.filter(t -> t.isNumeric() || t == Primitive.BOOLEAN).isPresent();
      boolean text = type.filter(t -> t == Primitive.STRING || isTime(t)).isPresent();
      if (!number && !text) {
        unsupported.add("'" + name + "' of type " + field.typeText());
      }
      inputs.add(new ModelInput(name, text));
    }
    if (!unsupported.isEmpty()) {
      throw PythonErrors.inputsUnsupported(folder, unsupported, reason);
    }
    return inputs;
  }

  private static boolean isTime(ColumnType type) {
    return type == Primitive.TIMESTAMP || type == Primitive.TIMESTAMP_NTZ || type == Primitive.DATE;
  }

  private static List<ModelInput> tensor(
      Path folder, List<Signature.Field> fields, List<Long> shape, Model model, String reason) {
    boolean numbers =
        fields.get(0).type().filter(t -> t.isNumeric() || t == Primitive.BOOLEAN).isPresent();
    if (fields.size() > 1 || shape.size() != 2 || !numbers) {
      throw PythonErrors.inputsUnsupported(
          folder, List.of(fields.size() + " tensors, the first of shape " + shape), reason);
    }
    long width = shape.get(1);
    if (!model.inputs().isEmpty() && (width < 0 || width == model.inputs().size())) {
      return model.inputs();
    }
    if (width < 1 || width > MOST_COLUMNS) {
      return List.of();
    }
    List<ModelInput> inputs = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      inputs.add(ModelInput.number("f" + i));
    }
    return inputs;
  }
}
