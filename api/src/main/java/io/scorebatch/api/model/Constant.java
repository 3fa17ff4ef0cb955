package io.scorebatch.api.model;

/**
 * The same raw scores for each row: DummyRegressor, DummyClassifier(prior), a model that saw one
 * class.
 *
 * @param raw the raw scores
 * @param response how they become answers
 */
public record Constant(double[] raw, Response response) implements Estimator {
  public Constant {
    Shapes.positive("raw", raw.length);
  }
}
