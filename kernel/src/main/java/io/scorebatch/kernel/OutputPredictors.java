package io.scorebatch.kernel;

import io.scorebatch.api.model.ClassGroups;
import io.scorebatch.api.model.MultiOutput;
import io.scorebatch.api.model.MultiOutput.Probabilities;
import io.scorebatch.api.model.OutputKind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Estimators of several outputs. */
final class OutputPredictors {
  private OutputPredictors() {}

  /** Members side by side. */
  static Predictor of(MultiOutput model, List<Predictor> members) {
    return new Predictor() {
      @Override
      public int width(OutputKind kind) {
        int width = 0;
        for (Predictor member : members) {
          int own = member.width(kind);
          if (own == 0) {
            return 0;
          }
          width += kept(kind, own);
        }
        return width;
      }

      private int kept(OutputKind kind, int width) {
        return kind == OutputKind.PREDICT_PROBA && model.probabilities() == Probabilities.LAST_CLASS
            ? 1
            : width;
      }

      @Override
      public int classes() {
        return 0;
      }

      @Override
      public void answer(Frame in, Answers out) {
        List<OutputKind> wanted = Arrays.stream(OutputKind.values()).filter(out::wants).toList();
        List<Answers> answers = new ArrayList<>();
        for (Predictor member : members) {
          Answers own = new Answers(wanted);
          member.answer(in, own);
          answers.add(own);
        }
        for (OutputKind kind : wanted) {
          double[][] columns = new double[width(kind)][];
          int at = 0;
          for (Answers member : answers) {
            double[][] own = member.of(kind);
            int count = kept(kind, own.length);
            System.arraycopy(own, own.length - count, columns, at, count);
            at += count;
          }
          out.give(kind, columns);
        }
      }
    };
  }

  /** The probabilities of one estimator, cut into outputs. */
  static Predictor of(ClassGroups model, Predictor estimator) {
    int[] sizes = model.sizes();
    return new Predictor() {
      @Override
      public int width(OutputKind kind) {
        return switch (kind) {
          case PREDICT -> sizes.length;
          case PREDICT_PROBA -> model.classes();
          default -> 0;
        };
      }

      @Override
      public int classes() {
        return 0;
      }

      @Override
      public void answer(Frame in, Answers out) {
        double[][] shares = estimator.ask(in, OutputKind.PREDICT);
        out.give(OutputKind.PREDICT_PROBA, shares);
        if (out.wants(OutputKind.PREDICT)) {
          double[][] labels = new double[sizes.length][];
          int from = 0;
          for (int k = 0; k < sizes.length; k++) {
            double[][] own = Arrays.copyOfRange(shares, from, from + sizes[k]);
            labels[k] = Responses.firstGreatest(own, in.rows);
            from += sizes[k];
          }
          out.give(OutputKind.PREDICT, labels);
        }
      }
    };
  }
}
