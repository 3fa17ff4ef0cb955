package io.scorebatch.artifact.mlmodel;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Signature;
import io.scorebatch.artifact.yaml.YamlFile;
import io.scorebatch.artifact.yaml.YamlValue;
import io.scorebatch.artifact.yaml.YamlValue.Fields;
import io.scorebatch.artifact.yaml.YamlValue.Items;
import io.scorebatch.artifact.yaml.YamlValue.Scalar;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Parses {@code MLmodel} files as MLflow 1 to 3 write them. Keys it does not know are ignored. */
public final class MlModelFile {
  private static final String PYTHON_FUNCTION = "python_function";

  private MlModelFile() {}

  /**
   * Parses the text of an MLmodel file.
   *
   * <p>Nested settings of a flavor get dotted names ({@code env.conda}), lists of scalars are
   * joined with {@code ", "}.
   *
   * @param text the file's content
   * @param folder the folder that holds it
   * @throws io.scorebatch.api.error.ScorebatchException {@code MODEL_UNREADABLE} where the text is
   *     no MLmodel
   */
  public static LoggedModel parse(String text, Path folder) {
    String name = folder.resolve("MLmodel").toString();
    Fields root = YamlFile.read(text, name, ErrorCode.MODEL_UNREADABLE);
    Map<String, Map<String, String>> flavors = new LinkedHashMap<>();
    YamlValue listed = root.find("flavors").orElse(null);
    if (!(listed instanceof Fields named) || named.values().isEmpty()) {
      throw MlModelErrors.noFlavors(name, listed);
    }
    named
        .values()
        .forEach(
            (flavor, value) -> {
              Map<String, String> settings = new LinkedHashMap<>();
              if (value instanceof Fields fields) {
                collect("", fields, settings);
              }
              flavors.put(flavor, settings);
            });
    Map<String, String> python = flavors.getOrDefault(PYTHON_FUNCTION, Map.of());
    return new LoggedModel(
        folder,
        python.get("loader_module"),
        python.get("predict_fn"),
        flavors,
        root.find("signature").flatMap(value -> signature(value, name)),
        root.text("mlflow_version").orElse(null),
        root.text("model_id").orElse(null),
        root.text("run_id").orElse(null));
  }

  private static void collect(String prefix, Fields fields, Map<String, String> into) {
    fields
        .values()
        .forEach(
            (key, value) -> {
              if (value instanceof Scalar scalar) {
                if (!scalar.isNull()) {
                  into.put(prefix + key, scalar.text());
                }
              } else if (value instanceof Fields nested) {
                collect(prefix + key + ".", nested, into);
              } else if (value instanceof Items items) {
                into.put(
                    prefix + key,
                    items.values().stream()
                        .filter(Scalar.class::isInstance)
                        .map(item -> ((Scalar) item).text())
                        .collect(Collectors.joining(", ")));
              }
            });
  }

  private static Optional<Signature> signature(YamlValue value, String name) {
    if (!(value instanceof Fields fields)) {
      throw MlModelErrors.badSignature(name, "it is " + value.kind() + " where a mapping belongs");
    }
    return Optional.of(
        new Signature(
            SignatureParser.fields(json(fields, "inputs", name), "inputs", name),
            SignatureParser.fields(json(fields, "outputs", name), "outputs", name),
            SignatureParser.params(json(fields, "params", name), name)));
  }

  /** Each part of a signature is JSON inside a YAML string. */
  private static String json(Fields signature, String part, String name) {
    YamlValue value = signature.find(part).orElse(null);
    if (value == null) {
      return "[]";
    }
    if (value instanceof Scalar scalar) {
      return scalar.text();
    }
    throw MlModelErrors.badSignature(name, part + " is " + value.kind() + ", not a JSON string");
  }
}
