package io.scorebatch.model.onnx;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What an ONNX file says of itself, read without a runtime. Immutable.
 *
 * @param path the file
 * @param irVersion version of the file format
 * @param producer the converter and its version; empty where the file does not say
 * @param opsets version by domain; the default domain is {@code ai.onnx}
 * @param operatorDomains the domains of the operators in use
 * @param inputs inputs that are no constants, in order
 * @param outputs outputs, in order
 * @param producers by the name of a value the node that makes it, for the operators in {@link
 *     OnnxFileReader}
 * @param constants small constants that may be class labels: Long or String values by name
 */
record OnnxFile(
    Path path,
    long irVersion,
    String producer,
    Map<String, Long> opsets,
    List<String> operatorDomains,
    List<GraphValue> inputs,
    List<GraphValue> outputs,
    Map<String, GraphNode> producers,
    Map<String, List<Object>> constants) {
  OnnxFile {
    opsets = Map.copyOf(opsets);
    operatorDomains = List.copyOf(operatorDomains);
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    producers = Map.copyOf(producers);
    constants = Map.copyOf(constants);
  }

  /** Refuses a file that the runtime cannot load, before it is asked to. */
  void requireLoadable() {
    if (irVersion > RuntimeLimits.LARGEST_IR_VERSION) {
      throw OnnxErrors.irTooNew(path, irVersion);
    }
    List<String> unknown =
        operatorDomains.stream()
            .filter(domain -> !RuntimeLimits.LARGEST_OPSETS.containsKey(domain))
            .sorted()
            .toList();
    if (!unknown.isEmpty()) {
      throw OnnxErrors.unknownOperators(path, unknown);
    }
    opsets.forEach(
        (domain, version) -> {
          Long largest = RuntimeLimits.LARGEST_OPSETS.get(domain);
          if (largest != null && version > largest) {
            throw OnnxErrors.opsetTooNew(path, domain, version, largest, producer);
          }
        });
  }

  /** The node that makes a value, past nodes that only change its type or shape. */
  Optional<GraphNode> origin(String value) {
    GraphNode node = producers.get(value);
    for (int steps = 0; node != null && steps < 16; steps++) {
      if (!OnnxFileReader.PASSING.contains(node.operator()) || node.inputs().isEmpty()) {
        return Optional.of(node);
      }
      node = producers.get(node.inputs().get(0));
    }
    return Optional.empty();
  }
}
