package io.scorebatch.pipeline.run;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import java.util.List;

/** The scorer of a plan without a model. */
public final class NoScores implements Scorer {
  @Override
  public List<ModelInput> inputs() {
    return List.of();
  }

  @Override
  public List<ScoreColumn> outputs() {
    return List.of();
  }

  @Override
  public void score(ColumnBlock in, ScoreBlock out) {}
}
