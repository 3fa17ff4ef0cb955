package io.scorebatch.artifact.mlmodel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.model.Signature.Field;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MlModelFileTest {
  private static LoggedModel parse(String yaml) {
    return MlModelFile.parse(yaml, Path.of("m"));
  }

  private static Signature signature(String yaml) {
    return parse("flavors: {python_function: {loader_module: x}}\nsignature:\n" + yaml.indent(2))
        .signature()
        .orElseThrow();
  }

  @Test
  void readsWhatMlflow3Writes() {
    LoggedModel model =
        parse(
            """
            artifact_path: mlflow-artifacts:/2/models/m-01/artifacts
            flavors:
              python_function:
                env: {conda: conda.yaml, virtualenv: python_env.yaml}
                loader_module: mlflow.sklearn
                model_path: model.skops
                predict_fn: predict_proba
                python_version: 3.11.7
              sklearn:
                code: null
                pickled_model: model.skops
                serialization_format: skops
                sklearn_version: 1.9.1
                skops_trusted_types: [sklearn.tree._tree.Tree, numpy.dtype]
            mlflow_version: 3.17.2
            model_id: m-0123456789abcdef0123456789abcdef
            model_size_bytes: 123
            model_uuid: abc
            prompts: null
            run_id: 0fee
            utc_time_created: '2024-01-05 06:07:08.000009'
            """);
    assertThat(model.loaderModule()).isEqualTo("mlflow.sklearn");
    assertThat(model.predictFn()).isEqualTo("predict_proba");
    assertThat(model.mlflowVersion()).isEqualTo("3.17.2");
    assertThat(model.modelId()).isEqualTo("m-0123456789abcdef0123456789abcdef");
    assertThat(model.runId()).isEqualTo("0fee");
    assertThat(model.signature()).isEmpty();
    assertThat(model.flavors()).containsOnlyKeys("python_function", "sklearn");
    assertThat(model.flavors().get("sklearn"))
        .containsEntry("sklearn_version", "1.9.1")
        .containsEntry("skops_trusted_types", "sklearn.tree._tree.Tree, numpy.dtype")
        .doesNotContainKey("code");
    assertThat(model.flavors().get("python_function")).containsEntry("env.conda", "conda.yaml");
  }

  /** A run id like this is a number to YAML 1.1 and 1.2. */
  @Test
  void takesIdsAsTextWhateverYamlSeesInThem() {
    LoggedModel model =
        parse(
            "flavors: {python_function: {}}\nrun_id: 1234567890123456e10\nmlflow_version: 1.30\n");
    assertThat(model.runId()).isEqualTo("1234567890123456e10");
    assertThat(model.mlflowVersion()).isEqualTo("1.30");
  }

  @Test
  void readsColumnsOfEveryType() {
    Signature signature =
        signature(
            """
            inputs: '[{"type": "long", "name": "a", "required": true}, {"type": "integer", "name": "b"},
              {"type": "double", "name": "c", "required": false}, {"name": "d", "type": "float", "optional": true},
              {"type": "string", "name": "e"}, {"type": "boolean", "name": "f"}, {"type": "binary", "name": "g"},
              {"type": "datetime", "name": "h"}]'
            outputs: '[{"type": "double"}]'
            params: null
            """);
    assertThat(signature.inputs())
        .extracting(Field::name)
        .containsExactly("a", "b", "c", "d", "e", "f", "g", "h");
    assertThat(signature.inputs())
        .extracting(f -> f.type().orElseThrow())
        .containsExactly(
            Primitive.LONG,
            Primitive.INT,
            Primitive.DOUBLE,
            Primitive.FLOAT,
            Primitive.STRING,
            Primitive.BOOLEAN,
            Primitive.BINARY,
            Primitive.TIMESTAMP);
    assertThat(signature.inputs())
        .extracting(Field::required)
        .containsExactly(true, true, false, false, true, true, true, true);
    assertThat(signature.outputs())
        .singleElement()
        .satisfies(f -> assertThat(f.name()).isNull())
        .satisfies(f -> assertThat(f.tensorShape()).isNull());
    assertThat(signature.params()).isEmpty();
  }

  @Test
  void readsNestedColumnsAndKeepsTheirText() {
    Signature signature =
        signature(
            """
            inputs: '[{"type": "array", "items": {"type": "double"}, "name": "v", "required": true},
              {"type": "object", "properties": {"x": {"type": "long", "required": true}}, "name": "o"},
              {"type": "map", "values": {"type": "string"}, "name": "m"}, {"type": "any", "name": "w"},
              {"type": "array", "items": {"type": "sparkml_vector"}, "name": "s"}]'
            outputs: null
            """);
    List<Field> inputs = signature.inputs();
    assertThat(inputs.get(0).type().orElseThrow()).hasToString("array<double>");
    assertThat(inputs.get(0).typeText()).isEqualTo("array {\"type\":\"double\"}");
    assertThat(inputs.get(1).type().orElseThrow()).hasToString("struct<x:bigint>");
    assertThat(inputs.get(2).type().orElseThrow()).hasToString("map<string,string>");
    assertThat(inputs.get(3).type()).isEmpty();
    assertThat(inputs.get(3).typeText()).isEqualTo("any");
    assertThat(inputs.get(4).type()).isEmpty();
    assertThat(signature.outputs()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "float64, double",
    "float32, float",
    "int64, bigint",
    "int32, int",
    "bool, boolean",
    "str, string",
    "object, string",
    "datetime64[ns], timestamp",
    "<U5, string"
  })
  void readsTensors(String dtype, String type) {
    Signature signature =
        signature(
            "inputs: '[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \""
                + dtype
                + "\", \"shape\": [-1, 5]}}]'\n");
    Field tensor = signature.inputs().get(0);
    assertThat(tensor.name()).isNull();
    assertThat(tensor.type().orElseThrow()).hasToString(type);
    assertThat(tensor.tensorShape()).containsExactly(-1L, 5L);
  }

  @Test
  void readsParametersWhoseDefaultsAreNoJson() {
    Signature signature =
        signature(
            """
            inputs: null
            params: '[{"name": "t", "type": "double", "default": NaN, "shape": null}, {"name": "k",
              "type": "long", "default": [1, 2], "shape": [-1]}]'
            """);
    assertThat(signature.params()).containsExactly("t", "k");
    assertThat(signature.inputs()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inputs: '[{\"type\": '",
        "inputs: '{}'",
        "inputs: '[1]'",
        "inputs: '[{\"name\": \"a\"}]'",
        "inputs: [a]",
        "inputs: '[{\"type\": \"tensor\"}]'",
        "inputs: '[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"f\", \"shape\": [\"x\"]}}]'",
        "params: '[{}]'"
      })
  void refusesSignaturesItCannotRead(String yaml) {
    assertThatThrownBy(() -> signature(yaml))
        .hasMessageStartingWith("SB-0300 The signature in 'm/MLmodel' cannot be read.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: b", "flavors: null", "flavors: {}", "flavors: [x]"})
  void refusesFilesWithoutFlavors(String yaml) {
    assertThatThrownBy(() -> parse(yaml))
        .hasMessageStartingWith("SB-0300 'm/MLmodel' names no flavor.");
  }

  @Test
  void ignoresWhatOldFilesLackAndNewOnesAdd() {
    LoggedModel model =
        parse("flavors: {xgboost: null, keras: {data: data}}\nnew_key: {a: [1, {b: c}]}\n");
    assertThat(model.loaderModule()).isNull();
    assertThat(model.mlflowVersion()).isNull();
    assertThat(model.flavors().get("xgboost")).isEmpty();
  }
}
