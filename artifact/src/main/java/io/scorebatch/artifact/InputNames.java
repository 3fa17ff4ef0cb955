package io.scorebatch.artifact;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The columns a model is called with, as its metadata have them. Immutable.
 *
 * @param inputs in order; empty where the metadata do not say
 * @param textColumns those that hold text; null where the types are not known
 * @param from who says so, for messages
 * @param folder the model's folder, for messages
 */
record InputNames(
    List<ModelInput> inputs, @Nullable Set<String> textColumns, From from, String folder) {

  /** Who names the columns. */
  enum From {
    SPEC("feature_spec.yaml", ErrorCode.FEATURE_SPEC_INVALID),
    SIGNATURE("the signature", ErrorCode.MODEL_UNREADABLE),
    NOBODY("nothing", ErrorCode.MODEL_UNREADABLE);

    private final String text;
    private final ErrorCode mismatch;

    From(String text, ErrorCode mismatch) {
      this.text = text;
      this.mismatch = mismatch;
    }
  }

  /** What the spec says, else the signature of the scored model, else that of the logged one. */
  static InputNames of(Optional<FeatureSpec> spec, LoggedModel scored, LoggedModel logged) {
    String folder = logged.folder().toString();
    List<Signature.Field> fields =
        scored
            .signature()
            .map(Signature::inputs)
            .filter(InputNames::named)
            .or(() -> logged.signature().map(Signature::inputs).filter(InputNames::named))
            .orElse(List.of());
    if (spec.isPresent()) {
      List<SpecColumn> columns = spec.get().modelInputs();
      boolean typed = columns.stream().allMatch(c -> c.dataType() != null);
      List<ModelInput> inputs =
          columns.stream().map(c -> new ModelInput(c.name(), isText(c.dataType()))).toList();
      return new InputNames(inputs, typed ? texts(inputs) : null, From.SPEC, folder);
    }
    List<ModelInput> inputs =
        fields.stream()
            .map(
                f ->
                    new ModelInput(
                        String.valueOf(f.name()), f.type().filter(InputNames::isText).isPresent()))
            .toList();
    return inputs.isEmpty()
        ? new InputNames(inputs, null, From.NOBODY, folder)
        : new InputNames(inputs, texts(inputs), From.SIGNATURE, folder);
  }

  /** Columns with names; a tensor is one field whatever the number of its columns. */
  private static boolean named(List<Signature.Field> fields) {
    return !fields.isEmpty()
        && fields.stream().allMatch(f -> f.name() != null && f.tensorShape() == null);
  }

  private static boolean isText(@Nullable ColumnType type) {
    return type == Primitive.STRING;
  }

  private static Set<String> texts(List<ModelInput> inputs) {
    Set<String> texts = new LinkedHashSet<>();
    inputs.stream().filter(ModelInput::text).forEach(i -> texts.add(i.name()));
    return texts;
  }

  /**
   * The model with its inputs named.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where the metadata cannot be those of this
   *     model
   */
  Model apply(Model model) {
    if (inputs.isEmpty()) {
      return model;
    }
    List<String> names = inputs.stream().map(ModelInput::name).toList();
    List<String> own = model.inputs().stream().map(ModelInput::name).toList();
    if (!model.namesKnown()) {
      if (own.size() != names.size()) {
        throw ArtifactErrors.inputCount(from.mismatch, folder, own.size(), names, from.text);
      }
      return model.withInputNames(names);
    }
    if (writtenWithUnderscores(own, names)) {
      return model.withInputNames(names);
    }
    Set<String> missing = new LinkedHashSet<>(own);
    missing.removeAll(new HashSet<>(names));
    if (!missing.isEmpty() && from == From.SPEC) {
      throw ArtifactErrors.inputsNotInSpec(folder, missing, names);
    }
    return model;
  }

  /** LightGBM puts underscores for blanks in names. */
  private static boolean writtenWithUnderscores(List<String> own, List<String> names) {
    return !own.equals(names)
        && own.equals(names.stream().map(n -> n.replaceAll("\\s", "_")).toList());
  }
}
