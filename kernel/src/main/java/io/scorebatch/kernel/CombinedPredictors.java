package io.scorebatch.kernel;

import io.scorebatch.api.model.AdaBoost;
import io.scorebatch.api.model.Averaging;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;
import java.util.List;

/** Estimators made of estimators. */
final class CombinedPredictors {
  private static final double LEAST_PROBABILITY = Math.ulp(1.0);
  private static final int[] ALL = new int[0];

  private CombinedPredictors() {}

  static Predictor of(Averaging model, List<Predictor> members) {
    boolean values = model.mode() == Averaging.Mode.VALUES;
    boolean hard = model.mode() == Averaging.Mode.HARD_VOTES;
    int decisions = decisions(model, members);
    return new Predictor() {
      @Override
      public int width(OutputKind kind) {
        return switch (kind) {
          case PREDICT -> values ? model.outputs() : 1;
          case PREDICT_PROBA -> values || hard ? 0 : model.outputs();
          case DECISION_FUNCTION -> decisions;
          default -> 0;
        };
      }

      @Override
      public int classes() {
        return values ? 0 : model.outputs();
      }

      @Override
      public void answer(Frame in, Answers out) {
        if (out.wants(OutputKind.DECISION_FUNCTION)) {
          out.give(OutputKind.DECISION_FUNCTION, meanDecision(members, decisions, in));
        }
        if (!out.wants(OutputKind.PREDICT) && !out.wants(OutputKind.PREDICT_PROBA)) {
          return;
        }
        double[][] sum = new double[model.outputs()][in.rows];
        double[] weights = model.weights();
        double total =
            weights.length == 0 ? members.size() : Links.pairwiseSum(weights, 0, weights.length);
        for (int m = 0; m < members.size(); m++) {
          double weight = weights.length == 0 ? 1 : weights[m];
          int[] classes = model.members().get(m).classes();
          if (model.mode() == Averaging.Mode.VOTES || hard) {
            addVotes(members.get(m), in, classes, weight, sum);
          } else {
            OutputKind kind = values ? OutputKind.PREDICT : OutputKind.PREDICT_PROBA;
            addAnswers(members.get(m).ask(in, kind), classes, weight, sum, in.rows);
          }
        }
        if (!hard) {
          for (double[] column : sum) {
            for (int r = 0; r < in.rows; r++) {
              column[r] /= total;
            }
          }
        }
        if (values) {
          out.give(OutputKind.PREDICT, sum);
          return;
        }
        out.give(OutputKind.PREDICT_PROBA, sum);
        if (out.wants(OutputKind.PREDICT)) {
          out.give(OutputKind.PREDICT, Responses.firstGreatest(sum, in.rows));
        }
      }
    };
  }

  /** Columns of the mean decision; 0 where there is none. */
  private static int decisions(Averaging model, List<Predictor> members) {
    int width = members.get(0).width(OutputKind.DECISION_FUNCTION);
    for (int m = 0; m < members.size(); m++) {
      if (members.get(m).width(OutputKind.DECISION_FUNCTION) != width
          || model.members().get(m).classes().length > 0) {
        return 0;
      }
    }
    return width;
  }

  private static double[][] meanDecision(List<Predictor> members, int width, Frame in) {
    double[][] mean = new double[width][in.rows];
    for (Predictor member : members) {
      addAnswers(member.ask(in, OutputKind.DECISION_FUNCTION), ALL, 1, mean, in.rows);
    }
    for (double[] column : mean) {
      for (int r = 0; r < in.rows; r++) {
        column[r] /= members.size();
      }
    }
    return mean;
  }

  private static void addVotes(
      Predictor member, Frame in, int[] classes, double weight, double[][] sum) {
    double[] votes = member.ask(in, OutputKind.PREDICT)[0];
    for (int r = 0; r < in.rows; r++) {
      int vote = (int) votes[r];
      sum[classes.length == 0 ? vote : classes[vote]][r] += weight;
    }
  }

  private static void addAnswers(
      double[][] answers, int[] classes, double weight, double[][] sum, int rows) {
    for (int k = 0; k < answers.length; k++) {
      double[] column = sum[classes.length == 0 ? k : classes[k]];
      for (int r = 0; r < rows; r++) {
        column[r] += answers[k][r] * weight;
      }
    }
  }

  static Predictor of(AdaBoost model, List<Predictor> members) {
    if (model.variant() == AdaBoost.Variant.REGRESSION) {
      return new RawPredictor(Response.value(Link.IDENTITY), 1) {
        @Override
        double[][] raw(Frame in) {
          return new double[][] {weightedMedian(model.weights(), members, in)};
        }
      };
    }
    boolean binary = model.classes() == 2;
    Response.Rule rule = binary ? Response.Rule.RAW_ABOVE_ZERO : Response.Rule.GREATEST_RAW;
    return new RawPredictor(
        Response.classes(Link.ADABOOST_SOFTMAX, rule), binary ? 1 : model.classes()) {
      @Override
      double[][] raw(Frame in) {
        return boosted(model, members, in);
      }
    };
  }

  private static double[][] boosted(AdaBoost model, List<Predictor> members, Frame in) {
    int classes = model.classes();
    double[][] sum = new double[classes][in.rows];
    boolean real = model.variant() == AdaBoost.Variant.SAMME_R;
    double total = real ? members.size() : Links.pairwiseSum(model.weights(), 0, members.size());
    for (int m = 0; m < members.size(); m++) {
      if (real) {
        addLogProbabilities(members.get(m).ask(in, OutputKind.PREDICT_PROBA), sum, in.rows);
        continue;
      }
      double weight = model.weights()[m];
      double other = model.variant() == AdaBoost.Variant.SAMME ? -1.0 / (classes - 1) * weight : 0;
      double[] labels = members.get(m).ask(in, OutputKind.PREDICT)[0];
      for (int k = 0; k < classes; k++) {
        for (int r = 0; r < in.rows; r++) {
          sum[k][r] += labels[r] == k ? weight : other;
        }
      }
    }
    for (double[] column : sum) {
      for (int r = 0; r < in.rows; r++) {
        column[r] /= total;
      }
    }
    if (classes > 2) {
      return sum;
    }
    double[] decision = new double[in.rows];
    for (int r = 0; r < in.rows; r++) {
      decision[r] = -sum[0][r] + sum[1][r];
    }
    return new double[][] {decision};
  }

  private static void addLogProbabilities(double[][] proba, double[][] sum, int rows) {
    int classes = sum.length;
    double[] logs = new double[classes];
    for (int r = 0; r < rows; r++) {
      for (int k = 0; k < classes; k++) {
        logs[k] = StrictMath.log(Math.max(proba[k][r], LEAST_PROBABILITY));
      }
      double mean = 1.0 / classes * Links.pairwiseSum(logs, 0, classes);
      for (int k = 0; k < classes; k++) {
        sum[k][r] += (classes - 1) * (logs[k] - mean);
      }
    }
  }

  private static double[] weightedMedian(double[] weights, List<Predictor> members, Frame in) {
    int count = members.size();
    double[][] predictions = new double[count][];
    for (int m = 0; m < count; m++) {
      predictions[m] = members.get(m).ask(in, OutputKind.PREDICT)[0];
    }
    double[] median = new double[in.rows];
    int[] order = new int[count];
    double[] cumulated = new double[count];
    for (int r = 0; r < in.rows; r++) {
      for (int m = 0; m < count; m++) {
        int at = m;
        while (at > 0 && predictions[order[at - 1]][r] > predictions[m][r]) {
          order[at] = order[at - 1];
          at--;
        }
        order[at] = m;
      }
      double sum = 0;
      for (int m = 0; m < count; m++) {
        sum += weights[order[m]];
        cumulated[m] = sum;
      }
      int at = 0;
      while (cumulated[at] < 0.5 * sum) {
        at++;
      }
      median[r] = predictions[order[at]][r];
    }
    return median;
  }

  /** An estimator whose prediction passes through further steps. */
  static Predictor transformed(Predictor predictor, List<Step> steps) {
    return new Predictor() {
      @Override
      public int width(OutputKind kind) {
        return kind == OutputKind.PREDICT ? predictor.width(kind) : 0;
      }

      @Override
      public int classes() {
        return 0;
      }

      @Override
      public void answer(Frame in, Answers out) {
        Frame values = in.with(predictor.ask(in, OutputKind.PREDICT));
        for (Step step : steps) {
          values = step.apply(values);
        }
        double[][] columns = new double[values.columns()][];
        for (int k = 0; k < columns.length; k++) {
          columns[k] = values.numbers(k);
        }
        out.give(OutputKind.PREDICT, columns);
      }
    };
  }

  /** Steps, then an estimator. */
  static Predictor after(List<Step> steps, Predictor predictor) {
    return new Predictor() {
      @Override
      public int width(OutputKind kind) {
        return predictor.width(kind);
      }

      @Override
      public int classes() {
        return predictor.classes();
      }

      @Override
      public void answer(Frame in, Answers out) {
        Frame values = in;
        for (Step step : steps) {
          values = step.apply(values);
        }
        predictor.answer(values, out);
      }
    };
  }

  /** Steps alone. */
  static Predictor transformation(List<Step> steps, int width) {
    return new Predictor() {
      @Override
      public int width(OutputKind kind) {
        return kind == OutputKind.TRANSFORM ? width : 0;
      }

      @Override
      public int classes() {
        return 0;
      }

      @Override
      public void answer(Frame in, Answers out) {
        Frame values = in;
        for (Step step : steps) {
          values = step.apply(values);
        }
        double[][] columns = new double[width][];
        for (int k = 0; k < width; k++) {
          columns[k] = values.numbers(k);
        }
        out.give(OutputKind.TRANSFORM, columns);
      }
    };
  }
}
