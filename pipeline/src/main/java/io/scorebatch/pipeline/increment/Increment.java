package io.scorebatch.pipeline.increment;

import io.scorebatch.api.plan.Selection;
import java.util.List;
import java.util.Optional;

/**
 * Which rows a run scores of a model. Immutable.
 *
 * @param selections what a row must meet; none for every row
 * @param afresh whether the table is to hold what is scored now and nothing else
 * @param nothing whether it is known, before a row is read, that none is new
 * @param state what holds of the table once the rows are there; empty to leave its state alone
 * @param moved whether the state is worth a commit though no row is new
 * @param notes why these rows
 */
public record Increment(
    List<Selection> selections,
    boolean afresh,
    boolean nothing,
    Optional<IncrementalState> state,
    boolean moved,
    List<String> notes) {
  public Increment {
    selections = List.copyOf(selections);
    notes = List.copyOf(notes);
  }
}
