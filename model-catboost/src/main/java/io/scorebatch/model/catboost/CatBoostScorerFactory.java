package io.scorebatch.model.catboost;

import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import java.util.List;
import java.util.Map;

/**
 * Scores CatBoost files with CatBoost's own library: numbers become float32 as in Python,
 * categories are texts. Raw values are those of Python; probabilities agree within 1e-12.
 * Thread-safe.
 */
public final class CatBoostScorerFactory implements ScorerFactory {
  @Override
  public boolean supports(Model model) {
    return model.structure() instanceof ForeignModel foreign
        && foreign.runtime().equals(CatBoostModelReader.RUNTIME);
  }

  @Override
  public Scorer create(Model model, List<OutputKind> kinds) {
    ForeignModel foreign = (ForeignModel) model.structure();
    String wrapper = foreign.attributes().getOrDefault(CatBoostModelReader.MODEL_TYPE, "");
    CatBoostFile file = CatBoostFile.load(foreign.artifact(), wrapper);
    try {
      Map<OutputKind, List<ScoreColumn>> offered = file.columns();
      for (OutputKind kind : kinds) {
        if (!offered.containsKey(kind)) {
          throw CatBoostErrors.kindUnavailable(file.path(), kind, offered.keySet());
        }
      }
      List<ModelInput> inputs = CatBoostModelReader.inputs(file, model);
      return new CatBoostScorer(file, inputs, kinds);
    } catch (RuntimeException e) {
      file.close();
      throw e;
    }
  }
}
