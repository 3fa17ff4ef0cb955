package io.scorebatch.engine.spark;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import java.util.List;

/**
 * Makes scorers that a cluster can make again: they remember the model as data and the factories
 * that know it. An executor gets the model once, by broadcast, and makes its scorer once. A foreign
 * model's files are not sent: they must lie where all executors can read them.
 *
 * <p>Scorers of other factories work on a local master only. Thread-safe.
 */
public final class ClusterScorers implements ScorerFactory {
  private final List<String> factories;

  private ClusterScorers(List<String> factories) {
    this.factories = factories;
  }

  /**
   * @param factories asked in this order, before those {@link java.util.ServiceLoader} finds. Each
   *     has a public constructor without parameters, here and on the executors' class path
   */
  public static ClusterScorers of(List<Class<? extends ScorerFactory>> factories) {
    return new ClusterScorers(factories.stream().map(Class::getName).toList());
  }

  @Override
  public boolean supports(Model model) {
    return ScorerRecipe.OfModel.find(factories, model).isPresent();
  }

  @Override
  public Scorer create(Model model, List<OutputKind> kinds) {
    ScorerRecipe.OfModel recipe = new ScorerRecipe.OfModel(model, kinds, factories);
    return new Remembering(recipe.scorer(), recipe);
  }

  /** How executors get the scorer. */
  static ScorerRecipe recipe(Scorer scorer) {
    return scorer instanceof Remembering remembering
        ? remembering.recipe()
        : new ScorerRecipe.OfThisJvm(scorer);
  }

  private record Remembering(Scorer scorer, ScorerRecipe recipe) implements Scorer {
    @Override
    public List<ModelInput> inputs() {
      return scorer.inputs();
    }

    @Override
    public List<ScoreColumn> outputs() {
      return scorer.outputs();
    }

    @Override
    public void score(ColumnBlock in, ScoreBlock out) {
      scorer.score(in, out);
    }

    @Override
    public void cancel() {
      scorer.cancel();
    }

    @Override
    public List<String> notes() {
      return scorer.notes();
    }

    @Override
    public void close() {
      scorer.close();
    }
  }
}
