package io.scorebatch.kernel;

import io.scorebatch.api.model.OutputKind;

/** An estimator made ready. Immutable, thread-safe. */
interface Predictor {
  /** Number of columns of an answer; 0 where it cannot give it. */
  int width(OutputKind kind);

  /** Number of classes where {@code PREDICT} is the index of a class; 0 otherwise. */
  int classes();

  /** Gives all answers asked for. */
  void answer(Frame in, Answers out);

  /** One answer. */
  default double[][] ask(Frame in, OutputKind kind) {
    Answers answers = new Answers(kind);
    answer(in, answers);
    return answers.of(kind);
  }
}
