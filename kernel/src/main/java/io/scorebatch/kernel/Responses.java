package io.scorebatch.kernel;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;

/**
 * A {@link Response} made ready for a number of raw scores. Immutable, thread-safe.
 *
 * @param response what to answer
 * @param raws number of raw scores
 */
record Responses(Response response, int raws) {
  int width(OutputKind kind) {
    return switch (kind) {
      case RAW_MARGIN, DECISION_FUNCTION -> raws;
      case PREDICT_PROBA -> probabilities();
      case PREDICT ->
          switch (response.rule()) {
            case VALUE, PROBABILITY_ABOVE_HALF, RAW_ABOVE_ZERO -> raws;
            default -> 1;
          };
      case SCORE_SAMPLES, TRANSFORM -> 0;
    };
  }

  int classes() {
    return switch (response.rule()) {
      case MOST_PROBABLE -> probabilities();
      case GREATEST_RAW -> raws;
      case RAW_AT_LEAST_ZERO -> 2;
      case PROBABILITY_ABOVE_HALF, RAW_ABOVE_ZERO -> raws == 1 ? 2 : 0;
      case VALUE, INLIER_AT_LEAST_ZERO, INLIER_ABOVE_ZERO -> 0;
    };
  }

  private int probabilities() {
    return raws == 1 && response.link().probabilities() ? 2 : raws;
  }

  /** Gives the answers asked for; keeps {@code raw} where raw scores are asked for. */
  void answer(double[][] raw, int rows, Answers out) {
    out.give(OutputKind.RAW_MARGIN, raw);
    out.give(OutputKind.DECISION_FUNCTION, raw);
    boolean predict = out.wants(OutputKind.PREDICT);
    Response.Rule rule = response.rule();
    boolean linked =
        rule == Response.Rule.VALUE
            || rule == Response.Rule.MOST_PROBABLE
            || rule == Response.Rule.PROBABILITY_ABOVE_HALF;
    if (out.wants(OutputKind.PREDICT_PROBA) || (predict && linked)) {
      double[][] values = Links.apply(response.link(), response.parameter(), raw, rows);
      double[][] proba =
          raws == 1 && response.link().probabilities()
              ? Links.both(response.link(), raw[0], values[0], rows)
              : values;
      out.give(OutputKind.PREDICT_PROBA, proba);
      if (predict && linked) {
        out.give(
            OutputKind.PREDICT,
            switch (rule) {
              case MOST_PROBABLE -> new double[][] {firstGreatest(proba, rows)};
              case PROBABILITY_ABOVE_HALF -> above(values, 0.5, rows);
              default -> values;
            });
      }
    }
    if (predict && !linked) {
      out.give(
          OutputKind.PREDICT,
          rule == Response.Rule.RAW_ABOVE_ZERO
              ? above(raw, 0, rows)
              : new double[][] {byRaw(rule, raw, rows)});
    }
  }

  private static double[] byRaw(Response.Rule rule, double[][] raw, int rows) {
    if (rule == Response.Rule.GREATEST_RAW) {
      return firstGreatest(raw, rows);
    }
    double[] labels = new double[rows];
    double[] score = raw[0];
    for (int r = 0; r < rows; r++) {
      boolean above = score[r] > 0;
      boolean atLeast = score[r] >= 0;
      labels[r] =
          switch (rule) {
            case RAW_AT_LEAST_ZERO -> atLeast ? 1 : 0;
            case INLIER_ABOVE_ZERO -> above ? 1 : -1;
            case INLIER_AT_LEAST_ZERO -> atLeast ? 1 : -1;
            default -> throw new IllegalStateException("no label by raw score: " + rule);
          };
    }
    return labels;
  }

  /** NumPy's argmax: the first greatest; the first NaN where there is one. */
  static double[] firstGreatest(double[][] scores, int rows) {
    double[] best = new double[rows];
    for (int r = 0; r < rows; r++) {
      int at = 0;
      for (int k = 1; k < scores.length; k++) {
        double champion = scores[at][r];
        double challenger = scores[k][r];
        if (challenger > champion || (Double.isNaN(challenger) && !Double.isNaN(champion))) {
          at = k;
        }
      }
      best[r] = at;
    }
    return best;
  }

  private static double[][] above(double[][] values, double limit, int rows) {
    double[][] labels = new double[values.length][rows];
    for (int k = 0; k < values.length; k++) {
      for (int r = 0; r < rows; r++) {
        labels[k][r] = values[k][r] > limit ? 1 : 0;
      }
    }
    return labels;
  }
}
