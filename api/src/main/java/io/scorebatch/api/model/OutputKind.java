package io.scorebatch.api.model;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a model can be asked for, by the name of the Python method that answers it. */
public enum OutputKind {
  /** What {@code predict} returns: the value, or the label in its own type. */
  PREDICT,
  /** Probability of each class, in the order of the model's classes. */
  PREDICT_PROBA,
  /** Signed distance; for anomaly models lower is worse and below 0 is an anomaly. */
  DECISION_FUNCTION,
  /** Score before the offset is taken off (isolation forests, one-class models). */
  SCORE_SAMPLES,
  /** Sum of a boosted model before its link function, per class. */
  RAW_MARGIN,
  /** What {@code transform} returns. */
  TRANSFORM;

  /** The name in configuration files: {@code predict_proba}. */
  public String configName() {
    return name().toLowerCase(Locale.ROOT);
  }

  public static Optional<OutputKind> parse(String name) {
    return Arrays.stream(values()).filter(k -> k.configName().equals(name)).findFirst();
  }
}
