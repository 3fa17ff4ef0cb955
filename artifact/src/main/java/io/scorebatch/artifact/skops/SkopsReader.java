package io.scorebatch.artifact.skops;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scorebatch.artifact.pickle.Budget;
import io.scorebatch.artifact.pickle.GlobalNames;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyBytes;
import io.scorebatch.artifact.pickle.PyDType;
import io.scorebatch.artifact.pickle.PyDict;
import io.scorebatch.artifact.pickle.PyGlobal;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads skops files (protocols 1 and 2, skops 0.7 and later) as inert data; see {@link
 * io.scorebatch.artifact.pickle} for the values of a tree. One thread, one use; {@link #read} is
 * thread-safe.
 */
public final class SkopsReader {
  private static final String SCHEMA = "schema.json";
  private static final int OLDEST_PROTOCOL = 1;
  private static final int NEWEST_PROTOCOL = 2;
  private static final int MAX_DEPTH = 900;
  private static final int MAX_REFUSED_NAMES = 20;

  private static final JsonMapper JSON =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(MAX_DEPTH)
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS)
                  .build())
          .build();

  private final String source;
  private final ZipEntries entries;
  private final Budget budget;
  private final Map<String, NdArray> arrays = new HashMap<>();
  private final Map<String, Object> byId = new HashMap<>();
  private final Set<String> refused = new LinkedHashSet<>();

  private SkopsReader(String source, ZipEntries entries) {
    this.source = source;
    this.entries = entries;
    this.budget = new Budget(source, entries.size());
  }

  /**
   * Reads one file.
   *
   * @param source the file's name, for messages
   * @param bytes the whole file
   * @return the tree; never null
   * @throws io.scorebatch.api.error.ScorebatchException {@code MODEL_REFUSED} naming every class or
   *     function that is not on the list, or what is hostile about the zip; {@code
   *     MODEL_UNREADABLE} for a damaged file; {@code MODEL_UNSUPPORTED} for another protocol
   */
  public static Object read(String source, byte[] bytes) {
    SkopsReader reader = new SkopsReader(source, ZipEntries.read(source, bytes));
    return reader.read();
  }

  private Object read() {
    JsonNode root = json(entry(SCHEMA));
    int protocol = root.path("protocol").asInt(-1);
    if (protocol < OLDEST_PROTOCOL || protocol > NEWEST_PROTOCOL) {
      throw SkopsErrors.unsupported(
          source,
          "skops protocol "
              + root.path("protocol").asText()
              + ", known are "
              + OLDEST_PROTOCOL
              + " and "
              + NEWEST_PROTOCOL);
    }
    Object result = node(root);
    if (!refused.isEmpty()) {
      throw SkopsErrors.refused(source, refused);
    }
    return result;
  }

  private Object node(JsonNode node) {
    String loader = text(node, "__loader__");
    if (loader.equals("CachedNode")) {
      Object known = byId.get(node.path("__id__").asText());
      if (known == null) {
        throw SkopsErrors.damaged(source, "a reference to the unknown part " + node.path("__id__"));
      }
      return known;
    }
    Object value = value(loader, node);
    if (node.has("__id__")) {
      byId.put(node.get("__id__").asText(), value);
    }
    return value;
  }

  private Object value(String loader, JsonNode node) {
    switch (loader) {
      case "JsonNode":
        return scalar(
            json(text(node, "content").getBytes(java.nio.charset.StandardCharsets.UTF_8)));
      case "DictNode":
        return dict(node);
      case "DefaultDictNode":
        return node(node.path("content").path("main"));
      case "ListNode":
        return sequence(PySequence.Kind.LIST, node);
      case "TupleNode":
        return sequence(PySequence.Kind.TUPLE, node);
      case "SetNode":
        return sequence(PySequence.Kind.SET, node);
      case "BytesNode":
      case "BytearrayNode":
        {
          byte[] content = entry(text(node, "file"));
          return new PyBytes(content, 0, content.length);
        }
      case "NdArrayNode":
        return array(node);
      case "SparseMatrixNode":
        return sparse(node);
      case "DTypeNode":
        return node(node.path("content")) instanceof NdArray array
            ? new PyDType(array.type())
            : PyNone.NONE;
      case "TypeNode":
      case "FunctionNode":
        return new PyGlobal(className(node));
      case "SliceNode":
        return new PyObject("builtins.slice", slice(node.path("content")));
      case "PartialNode":
        return partial(node);
      case "ObjectNode":
        return object(node, List.of());
      case "TreeNode":
      case "LossNode":
        return object(node, arguments(node.path("__reduce__").path("args")));
      case "ConstructorFromReduceNode":
        return new PyObject(className(node), arguments(node.path("content")));
      case "RandomStateNode":
      case "RandomGeneratorNode":
      case "MaskedArrayNode":
        // Only training uses them; their content is not needed for scoring.
        return new PyObject(loader, List.of());
      case "MethodNode":
      case "OperatorFuncNode":
        throw SkopsErrors.refused(source, List.of(qualified(node)));
      default:
        throw SkopsErrors.unsupported(source, "a part of the unknown kind " + loader);
    }
  }

  private Object object(JsonNode node, List<Object> args) {
    String name = className(node);
    JsonNode content = node.path("content");
    return content.isMissingNode() || content.isNull()
        ? new PyObject(name, args)
        : PyObject.ofState(name, args, node(content));
  }

  private Object partial(JsonNode node) {
    JsonNode content = node.path("content");
    Map<String, Object> parts = new LinkedHashMap<>();
    for (String part : List.of("func", "args", "kwds")) {
      parts.put(part, node(content.path(part)));
    }
    return new PyObject("functools.partial", List.of(), parts);
  }

  private List<Object> arguments(JsonNode node) {
    if (node(node) instanceof PySequence sequence) {
      return sequence.items();
    }
    throw SkopsErrors.damaged(source, "constructor arguments that are no tuple");
  }

  private static List<Object> slice(JsonNode content) {
    List<Object> bounds = new ArrayList<>();
    for (String bound : List.of("start", "stop", "step")) {
      bounds.add(scalar(content.path(bound)));
    }
    return bounds;
  }

  private PySequence sequence(PySequence.Kind kind, JsonNode node) {
    return new PySequence(kind, items(node.path("content")));
  }

  private List<Object> items(JsonNode content) {
    if (!content.isArray()) {
      throw SkopsErrors.damaged(source, "a list without items");
    }
    List<Object> items = new ArrayList<>(content.size());
    for (JsonNode item : content) {
      items.add(node(item));
    }
    return items;
  }

  /** Keys are text in JSON; key_types says what they were. */
  private PyDict dict(JsonNode node) {
    JsonNode content = node.path("content");
    JsonNode types = node.path("key_types").path("content");
    if (!content.isObject() || !types.isArray() || types.size() != content.size()) {
      throw SkopsErrors.damaged(source, "a dictionary without entries or key types");
    }
    Map<Object, Object> entries = new LinkedHashMap<>();
    int i = 0;
    for (Map.Entry<String, JsonNode> entry : content.properties()) {
      entries.put(key(entry.getKey(), text(types.get(i), "__class__")), node(entry.getValue()));
      i++;
    }
    return new PyDict(entries);
  }

  private Object key(String text, String type) {
    try {
      if (type.startsWith("int") || type.startsWith("uint")) {
        return Long.valueOf(text);
      }
      if (type.startsWith("float")) {
        return Double.valueOf(text);
      }
      return type.startsWith("bool") ? (Object) text.equals("true") : text;
    } catch (NumberFormatException e) {
      throw SkopsErrors.damaged(source, "the dictionary key " + text + " of type " + type);
    }
  }

  private Object array(JsonNode node) {
    String type = text(node, "type");
    if (type.equals("json")) {
      if (!(node(node.path("shape")) instanceof PySequence extents)) {
        throw SkopsErrors.damaged(source, "an array without a shape");
      }
      int[] shape = new int[extents.size()];
      for (int i = 0; i < shape.length; i++) {
        if (!(extents.item(i) instanceof Long extent) || extent < 0 || extent > Integer.MAX_VALUE) {
          throw SkopsErrors.damaged(source, "an array with the extent " + extents.item(i));
        }
        shape[i] = extent.intValue();
      }
      return NdArray.ofObjects(shape, flattened(node.path("content"), shape.length));
    }
    if (!type.equals("numpy")) {
      throw SkopsErrors.unsupported(source, "an array of the unknown kind " + type);
    }
    String file = text(node, "file");
    NdArray array = arrays.get(file);
    if (array == null) {
      array = NpyArray.parse(source + "/" + file, entry(file), budget);
      arrays.put(file, array);
    }
    boolean scalar = array.rank() == 0 && !text(node, "__class__").equals("ndarray");
    return scalar && array.type().fields().isEmpty() ? array.values().get(0) : array;
  }

  /** Object arrays of several dimensions are lists of lists. */
  private List<Object> flattened(JsonNode content, int dimensions) {
    List<Object> items = items(content);
    for (int d = 1; d < dimensions; d++) {
      List<Object> inner = new ArrayList<>();
      for (Object item : items) {
        inner.addAll(
            item instanceof PySequence sequence
                ? sequence.items()
                : (Collection<Object>) List.of(item));
      }
      items = inner;
    }
    return items;
  }

  /** A sparse matrix is a zip of arrays; they become its attributes. */
  private Object sparse(JsonNode node) {
    String file = text(node, "file");
    ZipEntries parts = ZipEntries.read(source + "/" + file, entry(file));
    Map<String, Object> attributes = new LinkedHashMap<>();
    for (String name : List.of("data", "indices", "indptr", "offsets", "shape")) {
      byte[] bytes = parts.find(name + ".npy");
      if (bytes != null) {
        attributes.put(
            name.equals("shape") ? "_shape" : name,
            NpyArray.parse(source + "/" + file + "/" + name, bytes, budget));
      }
    }
    return new PyObject(className(node), List.of(), attributes);
  }

  private String className(JsonNode node) {
    String name = qualified(node);
    if (!GlobalNames.allowed(name) && refused.size() < MAX_REFUSED_NAMES) {
      refused.add(name);
    }
    return name;
  }

  private String qualified(JsonNode node) {
    String name = text(node, "__module__") + "." + text(node, "__class__");
    return (name.length() > 120 ? name.substring(0, 120) + "…" : name)
        .replaceAll("[\\p{Cntrl}]", "?");
  }

  private static Object scalar(JsonNode value) {
    if (value.isIntegralNumber()) {
      return value.canConvertToLong() ? (Object) value.longValue() : value.bigIntegerValue();
    }
    if (value.isNumber()) {
      return value.doubleValue();
    }
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isTextual()) {
      return value.textValue();
    }
    if (value.isArray()) {
      List<Object> items = new ArrayList<>();
      value.forEach(item -> items.add(scalar(item)));
      return new PySequence(PySequence.Kind.LIST, items);
    }
    if (value.isObject()) {
      Map<Object, Object> entries = new LinkedHashMap<>();
      value.properties().forEach(e -> entries.put(e.getKey(), scalar(e.getValue())));
      return new PyDict(entries);
    }
    return PyNone.NONE;
  }

  private String text(@Nullable JsonNode node, String name) {
    JsonNode value = node == null ? null : node.get(name);
    if (value == null || !value.isTextual()) {
      throw SkopsErrors.damaged(source, "a part without " + name);
    }
    return value.textValue();
  }

  private byte[] entry(String name) {
    byte[] content = entries.find(name);
    if (content == null) {
      throw SkopsErrors.damaged(source, "no entry " + name);
    }
    return content;
  }

  private JsonNode json(byte[] bytes) {
    try {
      JsonNode node = JSON.readTree(bytes);
      return node == null ? JSON.nullNode() : node;
    } catch (JsonProcessingException e) {
      throw SkopsErrors.damaged(source, "JSON that is broken: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw SkopsErrors.damaged(source, "JSON that is broken");
    }
  }
}
