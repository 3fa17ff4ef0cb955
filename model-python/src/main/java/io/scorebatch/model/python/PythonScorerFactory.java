package io.scorebatch.model.python;

import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Scores models with local Python processes that load them with {@code mlflow.pyfunc.load_model},
 * where the user allows it. The numbers are Python's own. Processes start with the first block and
 * end with {@link Scorer#close}. Thread-safe.
 */
public final class PythonScorerFactory implements ScorerFactory {
  private final Supplier<PythonSettings> settings;

  /** With the settings of system properties and environment, read for each scorer. */
  public PythonScorerFactory() {
    settings = PythonSettings::fromEnvironment;
  }

  /** With these settings. */
  public PythonScorerFactory(PythonSettings settings) {
    this.settings = () -> settings;
  }

  @Override
  public boolean supports(Model model) {
    return model.structure() instanceof ForeignModel foreign
        && foreign.runtime().equals(PythonModelReader.RUNTIME);
  }

  @Override
  public Scorer create(Model model, List<OutputKind> kinds) {
    ForeignModel foreign = (ForeignModel) model.structure();
    Path folder = foreign.artifact();
    PythonSettings current = settings.get();
    if (!current.allowed()) {
      throw PythonErrors.notAllowed(
          folder,
          model.origin().className(),
          foreign.attributes().getOrDefault(PythonModelReader.REASON, ""));
    }
    if (!Files.isRegularFile(folder.resolve("MLmodel"))) {
      throw PythonErrors.notAModel(folder);
    }
    if (model.inputs().isEmpty()) {
      throw PythonErrors.inputsUnknown(folder);
    }
    Map<String, String> attributes = foreign.attributes();
    List<ScoreColumn> outputs = new ArrayList<>();
    for (OutputKind kind : kinds) {
      if (kind != OutputKind.PREDICT) {
        throw PythonErrors.kindUnavailable(folder, kind);
      }
      outputs.addAll(DeclaredOutputs.columns(attributes));
    }
    return new PythonScorer(current, folder, model.inputs(), outputs);
  }
}
