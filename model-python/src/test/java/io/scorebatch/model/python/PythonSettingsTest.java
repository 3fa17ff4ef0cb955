package io.scorebatch.model.python;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import io.scorebatch.model.python.PythonModels.Block;
import io.scorebatch.testing.Fixtures;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class PythonSettingsTest {
  private static PythonSettings from(
      Map<String, String> properties, Map<String, String> variables) {
    return PythonSettings.from(properties::get, variables);
  }

  private static Model custom() {
    return PythonModels.complete(
        Fixtures.fixture("mlflow-3.17.2/pyfunc-pickle/model"),
        PythonModels.columns("double f0", "double f1", "double f2", "double f3", "double f4"),
        PythonModels.NUMBER);
  }

  @Test
  void isOffUntilSomeoneAllowsIt() {
    assertThat(from(Map.of(), Map.of()).allowed()).isFalse();
    assertThat(from(Map.of(), Map.of("SCOREBATCH_PYTHON", "/usr/bin/python3")).allowed()).isFalse();
    assertThat(from(Map.of("scorebatch.python", "off"), Map.of()).allowed()).isFalse();
    for (String yes : List.of("allow", "true", "1", " Yes ")) {
      assertThat(from(Map.of(), Map.of("SCOREBATCH_PYTHON_ALLOW", yes)).allowed()).isTrue();
    }
    assertThat(
            from(Map.of("scorebatch.python", "no"), Map.of("SCOREBATCH_PYTHON_ALLOW", "1"))
                .allowed())
        .as("the property goes before the variable")
        .isFalse();
  }

  @Test
  void takesTheInterpreterFromPropertyThenVariable() {
    assertThat(from(Map.of(), Map.of()).interpreter()).isEqualTo("python3");
    Map<String, String> variables = Map.of("SCOREBATCH_PYTHON", "/opt/a");
    assertThat(from(Map.of(), variables).interpreter()).isEqualTo("/opt/a");
    assertThat(from(Map.of("scorebatch.python.interpreter", "/opt/b"), variables).interpreter())
        .isEqualTo("/opt/b");
  }

  @Test
  void takesNumbersFromProperties() {
    PythonSettings settings =
        from(Map.of("scorebatch.python.workers", "7", "scorebatch.python.timeout", "90"), Map.of());
    assertThat(settings.workers()).isEqualTo(7);
    assertThat(settings.blockTimeout()).isEqualTo(Duration.ofSeconds(90));
    assertThatThrownBy(() -> from(Map.of("scorebatch.python.workers", "many"), Map.of()))
        .hasMessageContaining("System property scorebatch.python.workers is 'many'.");
  }

  @Test
  void saysExactlyHowToAllowIt() {
    PythonSettings off = from(Map.of(), Map.of());
    assertThatThrownBy(
            () -> new PythonScorerFactory(off).create(custom(), List.of(OutputKind.PREDICT)))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNSUPPORTED))
        .hasMessageContaining("can only be scored by Python, and Python is off.")
        .hasMessageContaining("Loading it with Python runs code that its files contain.")
        .hasMessageContaining("'python: allow'")
        .hasMessageContaining("SCOREBATCH_PYTHON_ALLOW=allow or -Dscorebatch.python=allow")
        .hasMessageContaining("--python or SCOREBATCH_PYTHON");
  }

  @Test
  void saysThatTheInterpreterDoesNotExist() {
    PythonScorerFactory factory = new PythonScorerFactory(PythonSettings.allow("/nowhere/python"));
    try (Scorer scorer = factory.create(custom(), List.of(OutputKind.PREDICT))) {
      double[] one = {1};
      assertThatThrownBy(() -> PythonModels.score(scorer, Block.of(one, one, one, one, one)))
          .hasMessageContaining("Python cannot be started: '/nowhere/python'.");
    }
  }

  @Test
  void refusesOtherKindsThanPredict() {
    PythonScorerFactory factory = new PythonScorerFactory(PythonSettings.allow("python3"));
    assertThatThrownBy(() -> factory.create(custom(), List.of(OutputKind.PREDICT_PROBA)))
        .hasMessageContaining("cannot be asked for predict_proba")
        .hasMessageContaining("pyfunc_predict_fn='predict_proba'");
  }

  @Test
  void namesInputsThatCannotCross() {
    assertThatThrownBy(
            () ->
                PythonModels.complete(
                    Fixtures.fixture("mlflow-3.17.2/pyfunc-pickle/model"),
                    PythonModels.columns("double a", "binary b"),
                    PythonModels.NUMBER))
        .hasMessageContaining("reads 'b' of type binary.");
  }

  @Test
  void isFoundAsAService() {
    assertThat(ServiceLoader.load(ScorerFactory.class))
        .hasAtLeastOneElementOfType(PythonScorerFactory.class);
  }
}
