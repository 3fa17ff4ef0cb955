package io.scorebatch.artifact.xgboost;

import io.scorebatch.api.model.Labels;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The Python class around a booster: it decides what {@code predict} answers.
 *
 * @param className fully qualified
 * @param role what kind of class it is
 * @param missing the number that stands for a missing value beside NaN; empty for NaN alone
 * @param labels the classes, where the file holds them
 */
record Wrapper(String className, Role role, OptionalDouble missing, Optional<Labels> labels) {
  static final String BOOSTER = "xgboost.core.Booster";

  /** The kinds of classes. */
  enum Role {
    BOOSTER,
    CLASSIFIER,
    /** Regressors and rankers. */
    REGRESSOR
  }

  /** The role of a class; empty for classes we do not know. */
  static Optional<Role> role(String className) {
    if (className.equals(BOOSTER)) {
      return Optional.of(Role.BOOSTER);
    }
    if (!XgboostReader.WRAPPERS.contains(className)) {
      return Optional.empty();
    }
    return Optional.of(className.endsWith("Classifier") ? Role.CLASSIFIER : Role.REGRESSOR);
  }

  boolean isBooster() {
    return role == Role.BOOSTER;
  }
}
