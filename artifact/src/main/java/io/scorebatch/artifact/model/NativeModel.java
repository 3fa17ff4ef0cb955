package io.scorebatch.artifact.model;

import io.scorebatch.api.model.Model;
import java.util.List;

/**
 * A model read from its library's file. Immutable.
 *
 * @param model the model
 * @param notes what its user should know: trees left out, categories the file does not hold
 */
public record NativeModel(Model model, List<String> notes) {
  public NativeModel {
    notes = List.copyOf(notes);
  }
}
