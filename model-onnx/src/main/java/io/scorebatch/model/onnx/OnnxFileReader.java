package io.scorebatch.model.onnx;

import io.scorebatch.model.onnx.ProtoMessage.DamagedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Reads the parts of an ONNX file that say what it is: versions, inputs, outputs, and the class
 * labels. Field numbers are those of {@code onnx.proto}. Weights are skipped, subgraphs too.
 * Stateless.
 */
final class OnnxFileReader {
  /** Operators that change how a value is stored or its sign, not what it says. */
  static final Set<String> PASSING =
      Set.of("Cast", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Mul", "Neg");

  private static final Set<String> TELLING =
      Set.of(
          "ZipMap",
          "LinearClassifier",
          "SVMClassifier",
          "TreeEnsembleClassifier",
          "ArrayFeatureExtractor",
          "Slice");

  /** Of these the runtime makes room for as many targets as the file says, whatever it holds. */
  private static final Set<String> TREES = Set.of("TreeEnsembleRegressor", "TreeEnsemble");

  private static final int MOST_CLASSES = 10_000;
  private static final int MOST_TARGETS = 100_000;
  private static final int MOST_VALUES = 100_000;
  private static final int MOST_LABELS = 1_000_000;
  private static final int INT32 = 6;
  private static final int INT64 = 7;
  private static final int STRING = 8;

  private final Path path;
  private long irVersion;
  private String producer = "";
  private final Map<String, Long> opsets = new HashMap<>();
  private final Set<String> domains = new TreeSet<>();
  private final List<GraphValue> inputs = new ArrayList<>();
  private final List<GraphValue> outputs = new ArrayList<>();
  private final Map<String, GraphNode> producers = new HashMap<>();
  private final Set<String> constantNames = new HashSet<>();
  private final Map<String, List<Object>> constants = new HashMap<>();
  private int labelsKept;
  private boolean hasGraph;

  private OnnxFileReader(Path path) {
    this.path = path;
  }

  /**
   * Reads a file.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where it is missing or damaged
   */
  static OnnxFile read(Path path) {
    if (!Files.isRegularFile(path)) {
      throw OnnxErrors.missing(path);
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() > Integer.MAX_VALUE) {
        throw OnnxErrors.damaged(path, "it is larger than 2 GB");
      }
      return parse(path, channel.map(MapMode.READ_ONLY, 0, channel.size()));
    } catch (IOException e) {
      throw OnnxErrors.damaged(path, String.valueOf(e.getMessage()));
    }
  }

  static OnnxFile parse(Path path, ByteBuffer bytes) {
    try {
      return new OnnxFileReader(path).model(new ProtoMessage(bytes));
    } catch (DamagedException e) {
      throw OnnxErrors.damaged(path, String.valueOf(e.getMessage()));
    }
  }

  private OnnxFile model(ProtoMessage model) {
    String name = "";
    String version = "";
    while (model.next()) {
      switch (model.field()) {
        case 1:
          irVersion = model.number();
          break;
        case 2:
          name = model.text();
          break;
        case 3:
          version = model.text();
          break;
        case 7:
          hasGraph = true;
          graph(model.message());
          break;
        case 8:
          opset(model.message());
          break;
        default:
          break;
      }
    }
    producer = (name + " " + version).strip();
    if (!hasGraph || irVersion <= 0 || outputs.isEmpty()) {
      throw new DamagedException("it holds no graph with outputs");
    }
    // Files before IR version 4 list their constants as inputs too.
    List<GraphValue> read =
        inputs.stream().filter(input -> !constantNames.contains(input.name())).toList();
    return new OnnxFile(
        path,
        irVersion,
        producer,
        opsets,
        List.copyOf(domains),
        read,
        outputs,
        producers,
        constants);
  }

  private void opset(ProtoMessage opset) {
    String domain = "";
    long version = 0;
    while (opset.next()) {
      if (opset.field() == 1) {
        domain = opset.text();
      } else if (opset.field() == 2) {
        version = opset.number();
      }
    }
    opsets.merge(named(domain), version, Math::max);
  }

  private static String named(String domain) {
    return domain.isEmpty() ? "ai.onnx" : domain;
  }

  private void graph(ProtoMessage graph) {
    while (graph.next()) {
      switch (graph.field()) {
        case 1:
          node(graph.message());
          break;
        case 5:
          constant(graph.message());
          break;
        case 11:
          inputs.add(value(graph.message()));
          break;
        case 12:
          outputs.add(value(graph.message()));
          break;
        default:
          break;
      }
      if (producers.size() + constantNames.size() + inputs.size() + outputs.size() > MOST_VALUES) {
        throw new DamagedException("its graph names more than " + MOST_VALUES + " values");
      }
    }
  }

  private void node(ProtoMessage node) {
    String operator = "";
    List<String> reads = new ArrayList<>();
    List<String> makes = new ArrayList<>();
    while (node.next()) {
      switch (node.field()) {
        case 4:
          operator = node.text();
          break;
        case 7:
          domains.add(named(node.text()));
          break;
        default:
          break;
      }
    }
    if (TREES.contains(operator)) {
      requireFewTargets(node.again());
    }
    if (!PASSING.contains(operator) && !TELLING.contains(operator)) {
      return;
    }
    Optional<List<Object>> classes = Optional.empty();
    String postTransform = "NONE";
    boolean calibrated = false;
    ProtoMessage again = node.again();
    while (again.next()) {
      if (again.field() == 1) {
        reads.add(again.text());
      } else if (again.field() == 2) {
        makes.add(again.text());
      } else if (again.field() == 5) {
        ProtoMessage attribute = again.message();
        String name = attributeName(attribute);
        ProtoMessage value = attribute.again();
        if (name.startsWith("classlabels_")) {
          Optional<List<Object>> found = classes(value);
          classes = found.isPresent() ? found : classes;
        } else if (name.equals("post_transform")) {
          postTransform = attributeText(value);
        } else if (name.equals("prob_a")) {
          calibrated = hasFloats(value);
        }
      }
      if (reads.size() + makes.size() > MOST_VALUES) {
        throw new DamagedException("a node has more than " + MOST_VALUES + " values");
      }
    }
    GraphNode read = new GraphNode(operator, reads, classes, postTransform, calibrated);
    makes.forEach(made -> producers.put(made, read));
  }

  private static void requireFewTargets(ProtoMessage node) {
    while (node.next()) {
      if (node.field() == 5) {
        ProtoMessage attribute = node.message();
        if (attributeName(attribute).equals("n_targets")) {
          ProtoMessage value = attribute.again();
          while (value.next()) {
            if (value.field() == 3 && value.number() > MOST_TARGETS) {
              throw new DamagedException("its trees have " + value.number() + " targets");
            }
          }
        }
      }
    }
  }

  private static String attributeName(ProtoMessage attribute) {
    String name = "";
    while (attribute.next()) {
      if (attribute.field() == 1) {
        name = attribute.text();
      }
    }
    return name;
  }

  private static String attributeText(ProtoMessage attribute) {
    String text = "NONE";
    while (attribute.next()) {
      if (attribute.field() == 4) {
        text = attribute.text();
      }
    }
    return text;
  }

  private static boolean hasFloats(ProtoMessage attribute) {
    while (attribute.next()) {
      if (attribute.field() == 7) {
        return true;
      }
    }
    return false;
  }

  private static Optional<List<Object>> classes(ProtoMessage attribute) {
    List<Object> values = new ArrayList<>();
    while (attribute.next()) {
      if (attribute.field() == 8) {
        Arrays.stream(attribute.numbers(MOST_CLASSES)).forEach(values::add);
      } else if (attribute.field() == 9) {
        values.add(attribute.text());
      }
      requireFew(values.size());
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(values);
  }

  private static void requireFew(int classes) {
    if (classes > MOST_CLASSES) {
      throw new DamagedException("a classifier has more than " + MOST_CLASSES + " classes");
    }
  }

  /** Notes the constant's name, and its values where they may be labels. */
  private void constant(ProtoMessage tensor) {
    String name = "";
    long type = 0;
    long size = 1;
    int dimensions = 0;
    while (tensor.next()) {
      switch (tensor.field()) {
        case 1:
          for (long length : tensor.numbers(64)) {
            size = length < 0 || length > MOST_CLASSES ? MOST_CLASSES + 1L : size * length;
            size = Math.min(size, MOST_CLASSES + 1L);
            dimensions++;
          }
          break;
        case 2:
          type = tensor.number();
          break;
        case 8:
          name = tensor.text();
          break;
        case 13:
          requireNear(tensor.message());
          break;
        default:
          break;
      }
    }
    constantNames.add(name);
    if (dimensions == 1 && size <= MOST_CLASSES && (type >= INT32 && type <= STRING)) {
      List<Object> values = labels(tensor.again(), type);
      if (values.size() == size && labelsKept + size <= MOST_LABELS) {
        labelsKept += values.size();
        constants.put(name, values);
      }
    }
  }

  /** A constant may lie in a file of its own: beside the model, nowhere else. */
  private static void requireNear(ProtoMessage entry) {
    String key = "";
    String value = "";
    while (entry.next()) {
      if (entry.field() == 1) {
        key = entry.text();
      } else if (entry.field() == 2) {
        value = entry.text();
      }
    }
    boolean climbs =
        value.startsWith("/")
            || value.indexOf('\\') >= 0
            || value.indexOf(':') >= 0
            || Arrays.asList(value.split("/")).contains("..");
    if (key.equals("location") && climbs) {
      throw new DamagedException("a constant lies in '" + value + "', outside the model's folder");
    }
  }

  private static List<Object> labels(ProtoMessage tensor, long type) {
    List<Object> values = new ArrayList<>();
    while (tensor.next()) {
      switch (tensor.field()) {
        case 5:
        case 7:
          Arrays.stream(tensor.numbers(MOST_CLASSES)).forEach(values::add);
          break;
        case 6:
          values.add(tensor.text());
          break;
        case 9:
          ByteBuffer raw = tensor.bytes();
          int width = type == INT64 ? Long.BYTES : Integer.BYTES;
          requireFew(raw.remaining() / width);
          while (raw.remaining() >= width) {
            values.add(type == INT64 ? raw.getLong() : (long) raw.getInt());
          }
          break;
        default:
          break;
      }
      requireFew(values.size());
    }
    return values;
  }

  private static GraphValue value(ProtoMessage value) {
    String name = "";
    ProtoMessage type = null;
    while (value.next()) {
      if (value.field() == 1) {
        name = value.text();
      } else if (value.field() == 2) {
        type = value.message();
      }
    }
    GraphValue none = new GraphValue(name, Optional.empty(), "unknown", false, null);
    if (type == null || !type.next()) {
      return none;
    }
    switch (type.field()) {
      case 1:
        return tensor(name, type.message());
      case 4:
        boolean maps = isMap(type.message());
        return new GraphValue(
            name, Optional.empty(), maps ? "sequence of maps" : "sequence", maps, null);
      default:
        return none;
    }
  }

  private static boolean isMap(ProtoMessage sequence) {
    while (sequence.next()) {
      if (sequence.field() == 1) {
        ProtoMessage element = sequence.message();
        return element.next() && element.field() == 5;
      }
    }
    return false;
  }

  private static GraphValue tensor(String name, ProtoMessage tensor) {
    long code = 0;
    List<Long> shape = null;
    while (tensor.next()) {
      if (tensor.field() == 1) {
        code = tensor.number();
      } else if (tensor.field() == 2) {
        shape = shape(tensor.message());
      }
    }
    Optional<Element> element = Element.of(code);
    String text =
        element
            .map(e -> "tensor of " + e.name().toLowerCase(java.util.Locale.ROOT))
            .orElse("tensor of element type " + code);
    return new GraphValue(name, element, text, false, shape);
  }

  private static List<Long> shape(ProtoMessage shape) {
    List<Long> lengths = new ArrayList<>();
    while (shape.next()) {
      if (shape.field() == 1) {
        lengths.add(dimension(shape.message()));
        if (lengths.size() > 64) {
          throw new DamagedException("a tensor has more than 64 dimensions");
        }
      }
    }
    return lengths;
  }

  private static long dimension(ProtoMessage dimension) {
    long length = GraphValue.FREE;
    while (dimension.next()) {
      if (dimension.field() == 1) {
        // Some converters write a free dimension as 0 or a negative number.
        length = dimension.number() > 0 ? dimension.number() : GraphValue.FREE;
      }
    }
    return length;
  }
}
