package io.scorebatch.model.onnx;

import java.util.List;
import java.util.Optional;

/**
 * A node of a graph, as far as it tells what an output means. Immutable.
 *
 * @param operator its operator
 * @param inputs names of the values it reads
 * @param classes the classes of a classifier or ZipMap: Long or String
 * @param postTransform of a classifier: {@code NONE} where the file does not say
 * @param calibrated true for a support vector machine that answers probabilities
 */
record GraphNode(
    String operator,
    List<String> inputs,
    Optional<List<Object>> classes,
    String postTransform,
    boolean calibrated) {
  GraphNode {
    inputs = List.copyOf(inputs);
    classes = classes.map(List::copyOf);
  }
}
