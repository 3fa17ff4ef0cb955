package io.scorebatch.api.model;

import java.util.List;

/**
 * Estimators side by side: the columns of {@code PREDICT} are those of the members in order
 * (MultiOutputRegressor). Members read the same columns.
 */
public record MultiOutput(List<Estimator> members) implements Estimator {
  public MultiOutput {
    members = List.copyOf(members);
    Shapes.positive("members", members.size());
  }
}
