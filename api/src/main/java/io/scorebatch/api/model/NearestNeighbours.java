package io.scorebatch.api.model;

/**
 * scikit-learn's KNeighborsClassifier and KNeighborsRegressor. Weights are 1, or {@code 1 /
 * distance}; where a neighbour's distance is 0 those at 0 weigh 1 and the others nothing.
 *
 * <p>Classifier: {@code proba[c]} is the sum of weights of neighbours of class c in order of
 * distance, divided by the sum over classes; {@code PREDICT} the first greatest. Regressor: mean of
 * the targets, or {@code sum(w * y) / sum(w)}.
 *
 * @param neighbours the points
 * @param byDistance whether weights are {@code 1 / distance}
 * @param classes number of classes; 0 for a regressor
 * @param outputs targets a point has; 1 for a classifier
 * @param targets class index or values of each point
 */
public record NearestNeighbours(
    Neighbours neighbours, boolean byDistance, int classes, int outputs, double[] targets)
    implements Estimator {
  public NearestNeighbours {
    Shapes.positive("outputs", outputs);
    Shapes.require("targets", targets.length, (long) neighbours.count() * outputs);
    if (classes > 0) {
      Shapes.require("outputs", outputs, 1);
      for (double target : targets) {
        if (!(target >= 0 && target < classes) || target != Math.rint(target)) {
          throw new IllegalArgumentException("a neighbour has class " + target + " of " + classes);
        }
      }
    }
  }
}
