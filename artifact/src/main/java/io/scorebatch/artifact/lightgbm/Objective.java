package io.scorebatch.artifact.lightgbm;

import io.scorebatch.api.model.Link;
import java.util.Arrays;
import java.util.List;

/**
 * LightGBM's objective as its text names it: {@code binary sigmoid:0.7}. Immutable.
 *
 * @param link from raw scores to answers
 * @param parameter of the link
 * @param classes whether the model was trained for classes
 */
record Objective(Link link, double parameter, boolean classes) {

  /** An objective of the user's own, which no text names: raw scores are answered as they are. */
  static final Objective CUSTOM = new Objective(Link.IDENTITY, 1, false);

  static Objective parse(String text, String source) {
    List<String> words = Arrays.asList(text.strip().split("\\s+"));
    switch (words.get(0)) {
      case "":
        return CUSTOM;
      case "regression",
      "regression_l1",
      "huber",
      "fair",
      "quantile",
      "mape",
      "lambdarank",
      "rank_xendcg":
        return new Objective(words.contains("sqrt") ? Link.SIGNED_SQUARE : Link.IDENTITY, 1, false);
      case "poisson", "gamma", "tweedie":
        return new Objective(Link.EXP, 1, false);
      case "cross_entropy":
        return new Objective(Link.SIGMOID, 1, false);
      case "cross_entropy_lambda":
        return new Objective(Link.LOG1P_EXP, 1, false);
      case "binary":
        return new Objective(Link.SIGMOID, sigmoid(words, source), true);
      case "multiclass":
        return new Objective(Link.SOFTMAX, 1, true);
      case "multiclassova":
        return new Objective(Link.SIGMOID_EACH, sigmoid(words, source), true);
      default:
        throw LightgbmErrors.unsupported(source, "the objective '" + words.get(0) + "'");
    }
  }

  private static double sigmoid(List<String> words, String source) {
    for (String word : words) {
      if (word.startsWith("sigmoid:")) {
        try {
          double sigmoid = Double.parseDouble(word.substring("sigmoid:".length()));
          if (sigmoid > 0 && Double.isFinite(sigmoid)) {
            return sigmoid;
          }
        } catch (NumberFormatException e) {
          // reported below
        }
        throw LightgbmErrors.damaged(source, "its objective has the parameter '" + word + "'");
      }
    }
    return 1;
  }
}
