package io.scorebatch.kernel;

import io.scorebatch.api.model.OutputKind;
import java.util.Collection;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The answers asked for in one call, and then those given. One thread. */
final class Answers {
  private final Set<OutputKind> asked;
  private final Map<OutputKind, double[][]> given = new EnumMap<>(OutputKind.class);

  Answers(OutputKind kind) {
    this(List.of(kind));
  }

  Answers(Collection<OutputKind> kinds) {
    asked = EnumSet.copyOf(kinds);
  }

  boolean wants(OutputKind kind) {
    return asked.contains(kind);
  }

  /** Gives an answer; keeps the arrays. Does nothing where it was not asked for. */
  void give(OutputKind kind, double[]... columns) {
    if (wants(kind)) {
      given.put(kind, columns);
    }
  }

  double[][] of(OutputKind kind) {
    double[][] columns = given.get(kind);
    if (columns == null) {
      throw new IllegalStateException(kind + " was not answered");
    }
    return columns;
  }
}
