package io.scorebatch.api.model;

import java.util.Optional;

/**
 * A column a scorer writes.
 *
 * @param kind the output it belongs to
 * @param name its name within that output: a class label, {@code 0}, {@code 1} … or the kind's name
 * @param type how to read its numbers
 * @param labels for {@code LABEL_INDEX}: what the indices stand for
 */
public record ScoreColumn(OutputKind kind, String name, Type type, Optional<Labels> labels) {
  /** How the numbers of a score column are to be read. */
  public enum Type {
    /** A number; NaN where the model has no answer. */
    NUMBER,
    /** An index into {@code labels}; -1 where the model has no answer. */
    LABEL_INDEX,
    /** Text, written to {@link ScoreBlock#texts}. */
    TEXT
  }

  public static ScoreColumn number(OutputKind kind, String name) {
    return new ScoreColumn(kind, name, Type.NUMBER, Optional.empty());
  }

  public static ScoreColumn label(OutputKind kind, Labels labels) {
    return new ScoreColumn(kind, kind.configName(), Type.LABEL_INDEX, Optional.of(labels));
  }
}
