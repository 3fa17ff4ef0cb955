package io.scorebatch.kernel;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.TreeEnsemble;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** {@link TreeEnsemble}. */
final class TreeEnsemblePredictor implements Predictor {
  private final Forest forest;
  private final double[] start;
  private final @Nullable StartScores startScores;
  private final int divisor;
  private final boolean rawIsSum;
  private final Responses responses;

  /**
   * @param startScores where the sum starts; null for the constants of the ensemble
   */
  TreeEnsemblePredictor(TreeEnsemble ensemble, @Nullable StartScores startScores) {
    this.forest =
        Forest.of(
            ensemble.trees(),
            ensemble.splits(),
            ensemble.categories(),
            ensemble.trees().values(),
            ensemble.outputOfTree(),
            ensemble.accumulate(),
            ensemble.linearLeaves());
    this.start = ensemble.start();
    this.startScores = startScores;
    this.divisor = ensemble.divisor();
    this.rawIsSum = ensemble.rawIsSum();
    this.responses = new Responses(ensemble.response(), ensemble.outputs());
  }

  @Override
  public int width(OutputKind kind) {
    return responses.width(kind);
  }

  @Override
  public int classes() {
    return responses.classes();
  }

  @Override
  public void answer(Frame in, Answers out) {
    double[][] raw;
    if (startScores != null) {
      raw = startScores.scores(in);
    } else {
      raw = new double[start.length][in.rows];
      for (int k = 0; k < raw.length; k++) {
        Arrays.fill(raw[k], start[k]);
      }
    }
    forest.addTo(in, raw);
    double[][] scores = raw;
    if (divisor != 1) {
      scores = new double[raw.length][in.rows];
      for (int k = 0; k < raw.length; k++) {
        for (int r = 0; r < in.rows; r++) {
          scores[k][r] = raw[k][r] / divisor;
        }
      }
    }
    responses.answer(scores, in.rows, out);
    if (rawIsSum) {
      out.give(OutputKind.RAW_MARGIN, raw);
      out.give(OutputKind.DECISION_FUNCTION, raw);
    }
  }
}
