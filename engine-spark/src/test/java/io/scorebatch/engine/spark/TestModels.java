package io.scorebatch.engine.spark;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.CategorySets;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeTable;
import io.scorebatch.kernel.NativeScorerFactory;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Models made up for tests. */
public final class TestModels {
  private TestModels() {}

  /** A sum of full random trees over columns {@code a} and {@code b}. */
  static Model trees(int count, int depth) {
    Random random = new Random(7);
    int nodesOfOne = (1 << (depth + 1)) - 1;
    int nodes = nodesOfOne * count;
    int[] roots = new int[count];
    int[] left = new int[nodes];
    int[] right = new int[nodes];
    int[] feature = new int[nodes];
    double[] threshold = new double[nodes];
    double[] values = new double[nodes];
    for (int tree = 0; tree < count; tree++) {
      int root = tree * nodesOfOne;
      roots[tree] = root;
      for (int i = 0; i < nodesOfOne; i++) {
        boolean leaf = 2 * i + 2 >= nodesOfOne;
        left[root + i] = leaf ? -1 : root + 2 * i + 1;
        right[root + i] = leaf ? -1 : root + 2 * i + 2;
        feature[root + i] = random.nextInt(2);
        threshold[root + i] = random.nextDouble() * 1000;
        values[root + i] = random.nextGaussian();
      }
    }
    TreeTable table =
        new TreeTable(
            2,
            roots,
            left,
            right,
            feature,
            threshold,
            new byte[nodes],
            new int[0],
            CategorySets.NONE,
            new int[0],
            1,
            values);
    TreeEnsemble ensemble =
        TreeEnsemble.of(
            table,
            SplitRule.values()[0],
            CategoryRule.values()[0],
            new int[count],
            TreeEnsemble.Precision.DOUBLE,
            new double[1],
            1,
            Response.value(Link.IDENTITY));
    return new Model(
        new ModelOrigin("scikit-learn", "1.5.0", "GradientBoostingRegressor", "test"),
        Task.REGRESSION,
        List.of(ModelInput.number("a"), ModelInput.number("b")),
        true,
        Optional.empty(),
        Set.of(OutputKind.PREDICT),
        ensemble);
  }

  /** Makes scorers that take their time, so that a test can do something meanwhile. */
  public static final class SlowScorers implements ScorerFactory {
    @Override
    public boolean supports(Model model) {
      return new NativeScorerFactory().supports(model);
    }

    @Override
    public Scorer create(Model model, List<OutputKind> kinds) {
      Scorer scorer = new NativeScorerFactory().create(model, kinds);
      return new Scorer() {
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
          java.util.concurrent.locks.LockSupport.parkNanos(200_000_000);
          scorer.score(in, out);
        }
      };
    }
  }
}
