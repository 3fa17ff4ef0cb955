package io.scorebatch.api.model;

import static java.util.Objects.requireNonNull;

/**
 * How raw scores become answers.
 *
 * <ul>
 *   <li>{@code RAW_MARGIN}, {@code DECISION_FUNCTION}: the raw scores.
 *   <li>{@code PREDICT_PROBA}: the link's probabilities, one a class.
 *   <li>{@code PREDICT}: as {@code rule} says.
 * </ul>
 *
 * @param link from raw scores to values or probabilities
 * @param parameter of the link ({@link Link#SIGMOID}); 1 for all others
 * @param rule what {@code PREDICT} answers
 */
public record Response(Link link, double parameter, Rule rule) {
  /** What {@code PREDICT} answers. Labels are indices of the model's classes. */
  public enum Rule {
    /**
     * The link's value of each raw score: regressors, and boosters used without their scikit-learn
     * wrapper. A binary link answers q alone.
     */
    VALUE,
    /** First class of the greatest probability: forests, XGBoost multi-class, LightGBM. */
    MOST_PROBABLE,
    /** First class of the greatest raw score. */
    GREATEST_RAW,
    /**
     * Class 1 where the only raw score is above 0: HistGradientBoosting, linear classifiers. Of
     * several raw scores each is a label of its own (RidgeClassifier of several labels).
     */
    RAW_ABOVE_ZERO,
    /** Class 1 where the only raw score is 0 or above: GradientBoosting. */
    RAW_AT_LEAST_ZERO,
    /**
     * Class 1 where q is above 0.5: XGBoost binary. Of several raw scores each is a label of its
     * own.
     */
    PROBABILITY_ABOVE_HALF,
    /** 1 where the only raw score is 0 or above, else -1: outlier detectors. */
    INLIER_AT_LEAST_ZERO,
    /** 1 where the only raw score is above 0, else -1: one-class SVM. */
    INLIER_ABOVE_ZERO
  }

  public Response {
    requireNonNull(link, "link is null");
    requireNonNull(rule, "rule is null");
  }

  /** A regressor: the link of the raw score. */
  public static Response value(Link link) {
    return new Response(link, 1, Rule.VALUE);
  }

  /** A classifier whose link has no parameter. */
  public static Response classes(Link link, Rule rule) {
    return new Response(link, 1, rule);
  }
}
