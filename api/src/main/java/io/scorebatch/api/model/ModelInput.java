package io.scorebatch.api.model;

import static java.util.Objects.requireNonNull;

/**
 * A column a model is called with.
 *
 * @param name the feature's name; features are matched by it, never by position
 * @param text true where the model reads text (vectorisers, encoders of strings), false for numbers
 */
public record ModelInput(String name, boolean text) {
  public ModelInput {
    requireNonNull(name, "name is null");
  }

  public static ModelInput number(String name) {
    return new ModelInput(name, false);
  }

  public static ModelInput text(String name) {
    return new ModelInput(name, true);
  }
}
