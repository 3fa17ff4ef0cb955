package io.scorebatch.api.model;

/**
 * Tells what the file of a foreign runtime says of itself: inputs, classes, output kinds. Those who
 * read artifact folders know only the path and find the rest here, through {@link
 * java.util.ServiceLoader}. Thread-safe.
 */
public interface ForeignModelReader {
  /** The {@link ForeignModel#runtime()} it reads. */
  String runtime();

  /**
   * The model with all that its file and its signature tell: origin, task, inputs, labels, output
   * kinds. Inputs whose names are already known keep name and order.
   *
   * @param model a model whose structure is a {@link ForeignModel} of this runtime; the rest may be
   *     empty
   * @param logged the MLmodel it was found by
   * @throws io.scorebatch.api.error.ScorebatchException {@code MODEL_UNREADABLE} where the file is
   *     damaged; {@code MODEL_UNSUPPORTED} where the runtime cannot score it
   */
  Model complete(Model model, LoggedModel logged);
}
