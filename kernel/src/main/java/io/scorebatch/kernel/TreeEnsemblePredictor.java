package io.scorebatch.kernel;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeTable;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** {@link TreeEnsemble}. */
final class TreeEnsemblePredictor implements Predictor {
  /** Codes are cut to a byte; those that do not fit were never known. */
  private static final int MOST_CODES = 255;

  private final Forest forest;
  private final double[] start;
  private final @Nullable StartScores startScores;
  private final int divisor;
  private final boolean rawIsSum;
  private final Responses responses;
  private final TreeTable trees;
  private final int[] origin;

  /**
   * @param origin the model input each column is; -1 for computed ones
   * @param startScores where the sum starts; null for the constants of the ensemble
   */
  TreeEnsemblePredictor(TreeEnsemble ensemble, @Nullable StartScores startScores, int[] origin) {
    this.trees = ensemble.trees();
    this.origin = origin;
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
    countUnknown(in);
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

  /** Histogram boosting on codes treats unknown and negative ones as missing. */
  private void countUnknown(Frame in) {
    int[] known = trees.knownSet();
    for (int column = 0; column < known.length; column++) {
      if (known[column] < 0 || origin[column] < 0) {
        continue;
      }
      double[] codes = in.numbers(column);
      int unknown = 0;
      for (int r = 0; r < in.rows; r++) {
        double code = codes[r];
        boolean is =
            code >= 0
                && code <= MOST_CODES
                && trees.categories().contains(known[column], (int) code);
        unknown += is || Double.isNaN(code) ? 0 : 1;
      }
      in.unknown().add(this, origin[column], unknown);
    }
  }
}
