package io.scorebatch.artifact.yaml;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.artifact.yaml.YamlValue.Fields;
import io.scorebatch.artifact.yaml.YamlValue.Items;
import io.scorebatch.artifact.yaml.YamlValue.Scalar;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Parse;
import org.snakeyaml.engine.v2.common.Anchor;
import org.snakeyaml.engine.v2.events.AliasEvent;
import org.snakeyaml.engine.v2.events.Event;
import org.snakeyaml.engine.v2.events.MappingStartEvent;
import org.snakeyaml.engine.v2.events.NodeEvent;
import org.snakeyaml.engine.v2.events.ScalarEvent;
import org.snakeyaml.engine.v2.events.SequenceStartEvent;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * Reads a YAML document into {@link YamlValue}s. Tags of other programs' objects are refused, and
 * so are files that are too long, too deep, or that grow too large by their aliases. One thread at
 * a time.
 */
public final class YamlFile {
  /** Longest document, in characters. */
  static final int MAX_CHARACTERS = 32 << 20;

  static final int MAX_DEPTH = 100;

  /** Values after every alias is put in place. */
  static final int MAX_VALUES = 2_000_000;

  private static final String CORE_TAG = "tag:yaml.org,2002:";

  private final String name;
  private final ErrorCode code;
  private final Iterator<Event> events;
  private final Map<Anchor, Anchored> anchored = new HashMap<>();
  private int values;

  private record Anchored(YamlValue value, int size) {}

  private YamlFile(String text, String name, ErrorCode code) {
    this.name = name;
    this.code = code;
    LoadSettings settings =
        LoadSettings.builder().setCodePointLimit(MAX_CHARACTERS).setLabel(name).build();
    this.events = new Parse(settings).parseString(text).iterator();
  }

  /**
   * The mapping a file holds.
   *
   * @param text the file's content
   * @param name the file, for messages
   * @param code code of the failure where the text is no such mapping
   */
  public static Fields read(String text, String name, ErrorCode code) {
    try {
      return new YamlFile(text, name, code).document();
    } catch (YamlEngineException e) {
      throw invalid(name, code, oneLine(String.valueOf(e.getMessage())), e);
    } catch (IndexOutOfBoundsException
        | IllegalArgumentException
        | NoSuchElementException
        | NullPointerException e) {
      // The scanner trips over some malformed escapes instead of reporting them.
      throw invalid(name, code, "It breaks off or holds a malformed character.", e);
    }
  }

  private Fields document() {
    next(); // start of the stream
    if (next().getEventId() != Event.ID.DocumentStart) {
      throw invalid(name, code, "It is empty.", null);
    }
    YamlValue value = value(next(), 0);
    next(); // end of the document
    if (next().getEventId() != Event.ID.StreamEnd) {
      throw invalid(name, code, "It holds more than one document.", null);
    }
    if (value instanceof Fields fields) {
      return fields;
    }
    throw invalid(name, code, "It holds " + value.kind() + " where a mapping belongs.", null);
  }

  private Event next() {
    return events.next();
  }

  private YamlValue value(Event event, int depth) {
    int line = event.getStartMark().map(mark -> mark.getLine() + 1).orElse(0);
    if (depth > MAX_DEPTH) {
      throw invalid(name, code, "Line " + line + " nests deeper than " + MAX_DEPTH + ".", null);
    }
    if (event instanceof AliasEvent alias) {
      Anchored target = anchored.get(alias.getAlias());
      if (target == null) {
        throw invalid(
            name, code, "Line " + line + " refers to '" + alias.getAlias() + "', unknown.", null);
      }
      count(target.size(), line);
      return target.value();
    }
    int before = values;
    count(1, line);
    YamlValue value;
    if (event instanceof ScalarEvent scalar) {
      value = scalar(scalar, line);
    } else if (event instanceof SequenceStartEvent sequence) {
      checkTag(sequence.getTag(), line);
      value = items(depth, line);
    } else if (event instanceof MappingStartEvent mapping) {
      checkTag(mapping.getTag(), line);
      value = fields(depth, line);
    } else {
      throw invalid(name, code, "Line " + line + " is not understood.", null);
    }
    if (event instanceof NodeEvent node) {
      Optional<Anchor> anchor = node.getAnchor();
      anchor.ifPresent(a -> anchored.put(a, new Anchored(value, values - before)));
    }
    return value;
  }

  private void count(int more, int line) {
    values += more;
    if (values > MAX_VALUES) {
      throw invalid(
          name, code, "At line " + line + " it holds over " + MAX_VALUES + " values.", null);
    }
  }

  private Items items(int depth, int line) {
    List<YamlValue> items = new ArrayList<>();
    for (Event event = next(); event.getEventId() != Event.ID.SequenceEnd; event = next()) {
      items.add(value(event, depth + 1));
    }
    return new Items(items, line);
  }

  private Fields fields(int depth, int line) {
    Map<String, YamlValue> fields = new LinkedHashMap<>();
    for (Event event = next(); event.getEventId() != Event.ID.MappingEnd; event = next()) {
      YamlValue key = value(event, depth + 1);
      if (!(key instanceof Scalar scalar)) {
        throw invalid(name, code, "Line " + key.line() + " has " + key.kind() + " as a key.", null);
      }
      if (fields.put(scalar.text(), value(next(), depth + 1)) != null) {
        throw invalid(
            name, code, "Line " + key.line() + " repeats the key '" + scalar.text() + "'.", null);
      }
    }
    return new Fields(fields, line);
  }

  private Scalar scalar(ScalarEvent event, int line) {
    Optional<String> tag = checkTag(event.getTag(), line);
    String text = event.getValue();
    if (tag.isPresent()) {
      return new Scalar(
          text, tag.get().equals("str") ? ScalarType.TEXT : ScalarType.ofPlain(text), line);
    }
    return new Scalar(text, event.isPlain() ? ScalarType.ofPlain(text) : ScalarType.TEXT, line);
  }

  /** The name of a YAML core type; tags of anything else (objects of a language) are refused. */
  private Optional<String> checkTag(Optional<String> tag, int line) {
    if (tag.isEmpty() || tag.get().equals("!")) {
      return tag.map(t -> "str");
    }
    String type = tag.get().startsWith(CORE_TAG) ? tag.get().substring(CORE_TAG.length()) : "";
    switch (type) {
      case "str", "int", "float", "bool", "null", "seq", "map", "timestamp":
        return Optional.of(type);
      default:
        throw invalid(
            name,
            code,
            "Line " + line + " has the tag '" + tag.get() + "', which is refused.",
            null);
    }
  }

  private static String oneLine(String message) {
    return "The YAML is malformed: " + String.join(" ", message.strip().split("\\s+")) + ".";
  }

  private static ScorebatchException invalid(
      String name, ErrorCode code, String why, @org.jspecify.annotations.Nullable Throwable cause) {
    return new ScorebatchException(
        new io.scorebatch.api.error.Problem(
            code,
            "'" + name + "' cannot be read.",
            why,
            "log the model again, or restore the file from where it was logged."),
        cause);
  }
}
