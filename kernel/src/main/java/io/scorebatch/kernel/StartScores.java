package io.scorebatch.kernel;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.TreeEnsemble.StartFrom;
import java.util.Arrays;

/** {@link StartFrom}: the scores a boosted sum starts from. */
final class StartScores {
  private final Predictor predictor;
  private final StartFrom from;

  StartScores(Predictor predictor, StartFrom from) {
    this.predictor = predictor;
    this.from = from;
  }

  /** New arrays, which the caller may add to. */
  double[][] scores(Frame in) {
    if (!from.logOdds()) {
      double[][] values = predictor.ask(in, OutputKind.PREDICT);
      double[][] copy = new double[values.length][];
      for (int k = 0; k < copy.length; k++) {
        copy[k] = Arrays.copyOf(values[k], in.rows);
      }
      return copy;
    }
    double[][] p = predictor.ask(in, OutputKind.PREDICT_PROBA);
    double[][] scores = new double[p.length == 2 ? 1 : p.length][in.rows];
    double[] row = new double[p.length];
    for (int r = 0; r < in.rows; r++) {
      for (int k = 0; k < row.length; k++) {
        row[k] = Math.min(Math.max(p[k][r], from.epsilon()), 1 - from.epsilon());
      }
      if (row.length == 2) {
        scores[0][r] = StrictMath.log(row[1] / (1 - row[1]));
        continue;
      }
      double mean = 1;
      if (from.centred()) {
        double[] logs = new double[row.length];
        for (int k = 0; k < row.length; k++) {
          logs[k] = StrictMath.log(row[k]);
        }
        mean = Glibc.exp(Links.pairwiseSum(logs, 0, logs.length) / logs.length);
      }
      for (int k = 0; k < row.length; k++) {
        scores[k][r] = StrictMath.log(from.centred() ? row[k] / mean : row[k]);
      }
    }
    return scores;
  }
}
