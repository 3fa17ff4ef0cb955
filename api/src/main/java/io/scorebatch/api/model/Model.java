package io.scorebatch.api.model;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A trained model as inert data: what it needs, what it answers, and how it computes. Readers make
 * it from bytes; a {@link ScorerFactory} makes a scorer from it. Immutable.
 *
 * @param origin the library, version and class
 * @param task what it answers
 * @param inputs the columns it is called with, in the order its weights count them. Names are those
 *     stored with the weights; where the file stores none they are {@code f0, f1, …} and {@code
 *     namesKnown} is false
 * @param namesKnown whether input names come from the model file
 * @param labels the classes of a classifier of one output
 * @param outputLabels the classes of each output of a classifier of several; empty otherwise.
 *     {@code PREDICT} then has a label column for each output, and {@code PREDICT_PROBA} the
 *     probabilities of all classes of the first output, then of the second …, or, where every
 *     output has the two classes 0 and 1, the probability of 1 of each
 * @param outputKinds all it can be asked for
 * @param structure how it computes
 */
public record Model(
    ModelOrigin origin,
    Task task,
    List<ModelInput> inputs,
    boolean namesKnown,
    Optional<Labels> labels,
    List<Labels> outputLabels,
    Set<OutputKind> outputKinds,
    ModelStructure structure) {
  public Model {
    inputs = List.copyOf(inputs);
    outputLabels = List.copyOf(outputLabels);
    outputKinds = Set.copyOf(outputKinds);
  }

  /** A model that is no classifier of several outputs. */
  public Model(
      ModelOrigin origin,
      Task task,
      List<ModelInput> inputs,
      boolean namesKnown,
      Optional<Labels> labels,
      Set<OutputKind> outputKinds,
      ModelStructure structure) {
    this(origin, task, inputs, namesKnown, labels, List.of(), outputKinds, structure);
  }

  /** The same model with its inputs named (by signature or feature spec), in the same order. */
  public Model withInputNames(List<String> names) {
    if (names.size() != inputs.size()) {
      throw new IllegalArgumentException(
          "the model has " + inputs.size() + " inputs, " + names.size() + " names given");
    }
    List<ModelInput> named = new java.util.ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      named.add(new ModelInput(names.get(i), inputs.get(i).text()));
    }
    return new Model(origin, task, named, true, labels, outputLabels, outputKinds, structure);
  }
}
