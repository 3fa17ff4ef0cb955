package io.scorebatch.artifact.yaml;

import io.scorebatch.artifact.yaml.YamlValue.Fields;
import io.scorebatch.artifact.yaml.YamlValue.Items;
import io.scorebatch.artifact.yaml.YamlValue.Scalar;
import java.util.List;
import java.util.Map;

/** Writes a YAML document in block style, its lists not indented, as PyYAML does. */
public final class YamlBlock {
  private final StringBuilder out = new StringBuilder();

  private YamlBlock() {}

  /** The text of a document; reads back as the same values. */
  public static String write(Fields document) {
    YamlBlock block = new YamlBlock();
    if (document.values().isEmpty()) {
      return "{}\n";
    }
    block.fields(document, 0, false);
    return block.out.toString();
  }

  /** A text value. */
  public static Scalar text(String text) {
    return new Scalar(text, ScalarType.TEXT, 0);
  }

  /** A value written as it is: a number, {@code true}, {@code null}. */
  public static Scalar plain(String text) {
    return new Scalar(text, ScalarType.ofPlain(text), 0);
  }

  /** A mapping in the order of the given map. */
  public static Fields fields(Map<String, YamlValue> values) {
    return new Fields(values, 0);
  }

  /** A list of texts. */
  public static Items texts(List<String> texts) {
    return new Items(texts.stream().map(t -> (YamlValue) text(t)).toList(), 0);
  }

  private void fields(Fields fields, int indent, boolean afterDash) {
    boolean inline = afterDash;
    for (Map.Entry<String, YamlValue> entry : fields.values().entrySet()) {
      out.append(" ".repeat(inline ? 0 : indent));
      inline = false;
      out.append(YamlText.scalar(entry.getKey())).append(':');
      value(entry.getValue(), indent + 2, indent);
    }
  }

  private void items(Items items, int indent, boolean afterDash) {
    boolean inline = afterDash;
    for (YamlValue item : items.values()) {
      out.append(" ".repeat(inline ? 0 : indent)).append('-');
      inline = false;
      if (item instanceof Fields fields && !fields.values().isEmpty()) {
        out.append(' ');
        fields(fields, indent + 2, true);
      } else if (item instanceof Items nested && !nested.values().isEmpty()) {
        out.append(' ');
        items(nested, indent + 2, true);
      } else {
        value(item, indent + 2, indent);
      }
    }
  }

  private void value(YamlValue value, int fieldIndent, int itemIndent) {
    if (value instanceof Fields fields) {
      if (fields.values().isEmpty()) {
        out.append(" {}\n");
      } else {
        out.append('\n');
        fields(fields, fieldIndent, false);
      }
    } else if (value instanceof Items items) {
      if (items.values().isEmpty()) {
        out.append(" []\n");
      } else {
        out.append('\n');
        items(items, itemIndent, false);
      }
    } else {
      Scalar scalar = (Scalar) value;
      out.append(' ')
          .append(scalar.type() == ScalarType.TEXT ? YamlText.scalar(scalar.text()) : scalar.text())
          .append('\n');
    }
  }
}
