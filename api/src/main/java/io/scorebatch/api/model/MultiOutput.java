package io.scorebatch.api.model;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * Estimators side by side, which read the same columns: the columns of every answer are those of
 * the members in order (MultiOutputRegressor, MultiOutputClassifier, chains). What a classifier
 * predicts is the index of a class.
 *
 * @param members in order
 * @param probabilities which of the members' {@code PREDICT_PROBA} are answered
 */
public record MultiOutput(List<Estimator> members, Probabilities probabilities)
    implements Estimator {

  /** Which probabilities are answered, where all members have some. */
  public enum Probabilities {
    /** Those of all classes. */
    EVERY_CLASS,
    /** Of each member that of its last class (ClassifierChain, whose members have two). */
    LAST_CLASS
  }

  public MultiOutput {
    members = List.copyOf(members);
    Shapes.positive("members", members.size());
    requireNonNull(probabilities, "probabilities is null");
  }

  /** Members whose answers stand side by side as they are. */
  public static MultiOutput of(List<Estimator> members) {
    return new MultiOutput(members, Probabilities.EVERY_CLASS);
  }
}
