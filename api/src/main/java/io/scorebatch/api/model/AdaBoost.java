package io.scorebatch.api.model;

import java.util.List;

/**
 * scikit-learn's AdaBoostClassifier and AdaBoostRegressor. Members read the same columns; members
 * of classifiers know all classes, in the same order.
 *
 * <p>SAMME, K classes, members in order: {@code d[k] += weight} for the predicted class, {@code
 * d[k] += -1 / (K - 1) * weight} for others; SAMME_UNPENALISED (before 1.4) adds 0 for others.
 * SAMME_R: {@code d += (K - 1) * (log p - (1 / K) * sum(log p))} with p clipped from below to
 * 2^-52, each member weighing 1. Then {@code d /= sum(weights)} (SAMME_R: number of members) and
 * for two classes {@code d = -d[0] + d[1]}, one raw score. {@code PREDICT}: above 0, or the first
 * greatest. {@code PREDICT_PROBA}: {@link Link#ADABOOST_SOFTMAX}.
 *
 * <p>REGRESSION: members' predictions sorted (stable); the first whose cumulated weight reaches
 * half of the total.
 *
 * @param members in order
 * @param weights {@code estimator_weights_} of the members
 * @param variant how they are combined
 * @param classes number of classes; 0 for REGRESSION
 */
public record AdaBoost(List<Estimator> members, double[] weights, Variant variant, int classes)
    implements Estimator {
  /** How members are combined. */
  public enum Variant {
    SAMME,
    SAMME_UNPENALISED,
    SAMME_R,
    REGRESSION
  }

  public AdaBoost {
    members = List.copyOf(members);
    Shapes.positive("members", members.size());
    Shapes.require("weights", weights.length, members.size());
    if (variant == Variant.REGRESSION ? classes != 0 : classes < 2) {
      throw new IllegalArgumentException(variant + " has " + classes + " classes");
    }
  }
}
