package io.scorebatch.api.type;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** The type of a column, in Spark's terms. Immutable. */
public sealed interface ColumnType {

  /** The type as Spark writes it: {@code bigint}, {@code decimal(18,6)}, {@code array<double>}. */
  String sparkName();

  /** True for integer, floating-point and decimal types. */
  default boolean isNumeric() {
    return false;
  }

  /** True for byte, short, int and long. */
  default boolean isInteger() {
    return false;
  }

  /** Types without parameters. */
  enum Primitive implements ColumnType {
    BOOLEAN("boolean"),
    BYTE("tinyint"),
    SHORT("smallint"),
    INT("int"),
    LONG("bigint"),
    FLOAT("float"),
    DOUBLE("double"),
    STRING("string"),
    BINARY("binary"),
    /** A calendar day. */
    DATE("date"),
    /** An instant, UTC microseconds. */
    TIMESTAMP("timestamp"),
    /** Wall-clock time without a zone, microseconds. */
    TIMESTAMP_NTZ("timestamp_ntz");

    private final String sparkName;

    Primitive(String sparkName) {
      this.sparkName = sparkName;
    }

    @Override
    public String sparkName() {
      return sparkName;
    }

    @Override
    public boolean isNumeric() {
      return isInteger() || this == FLOAT || this == DOUBLE;
    }

    @Override
    public boolean isInteger() {
      return this == BYTE || this == SHORT || this == INT || this == LONG;
    }

    @Override
    public String toString() {
      return sparkName;
    }
  }

  /**
   * Exact decimal numbers.
   *
   * @param precision digits in all, 1 to 38
   * @param scale digits after the point, 0 to precision
   */
  record Decimal(int precision, int scale) implements ColumnType {
    public Decimal {
      if (precision < 1 || precision > 38 || scale < 0 || scale > precision) {
        throw new IllegalArgumentException(
            "no such type: decimal(" + precision + "," + scale + ")");
      }
    }

    @Override
    public String sparkName() {
      return "decimal(" + precision + "," + scale + ")";
    }

    @Override
    public boolean isNumeric() {
      return true;
    }

    @Override
    public String toString() {
      return sparkName();
    }
  }

  /** A list of values of one type. */
  record ArrayOf(ColumnType element) implements ColumnType {
    public ArrayOf {
      requireNonNull(element, "element is null");
    }

    @Override
    public String sparkName() {
      return "array<" + element.sparkName() + ">";
    }

    @Override
    public String toString() {
      return sparkName();
    }
  }

  /** Values by key. */
  record MapOf(ColumnType key, ColumnType value) implements ColumnType {
    public MapOf {
      requireNonNull(key, "key is null");
      requireNonNull(value, "value is null");
    }

    @Override
    public String sparkName() {
      return "map<" + key.sparkName() + "," + value.sparkName() + ">";
    }

    @Override
    public String toString() {
      return sparkName();
    }
  }

  /** Named fields. */
  record StructOf(List<Column> fields) implements ColumnType {
    public StructOf {
      fields = List.copyOf(fields);
    }

    @Override
    public String sparkName() {
      return fields.stream()
          .map(f -> f.name() + ":" + f.type().sparkName())
          .collect(Collectors.joining(",", "struct<", ">"));
    }

    @Override
    public String toString() {
      return sparkName();
    }
  }

  /**
   * Reads a type without nested fields as Spark, Delta or feature_spec.yaml write it: {@code int},
   * {@code integer}, {@code bigint}, {@code long}, {@code decimal(10,2)}, {@code array<double>},
   * {@code map<string,double>}. Empty where the text names no type we know (structs included).
   */
  static Optional<ColumnType> parse(String text) {
    String t = text.strip().toLowerCase(Locale.ROOT);
    switch (t) {
      case "integer":
        return Optional.of(Primitive.INT);
      case "long":
        return Optional.of(Primitive.LONG);
      case "short":
        return Optional.of(Primitive.SHORT);
      case "byte":
        return Optional.of(Primitive.BYTE);
      case "bool":
        return Optional.of(Primitive.BOOLEAN);
      case "real":
        return Optional.of(Primitive.FLOAT);
      case "decimal":
        return Optional.of(new Decimal(10, 0));
      default:
        break;
    }
    for (Primitive primitive : Primitive.values()) {
      if (primitive.sparkName.equals(t)) {
        return Optional.of(primitive);
      }
    }
    if (t.startsWith("decimal(") && t.endsWith(")")) {
      String[] parts = t.substring(8, t.length() - 1).split(",", -1);
      try {
        int precision = Integer.parseInt(parts[0].strip());
        int scale = parts.length > 1 ? Integer.parseInt(parts[1].strip()) : 0;
        return parts.length > 2 ? Optional.empty() : Optional.of(new Decimal(precision, scale));
      } catch (IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    if (t.startsWith("array<") && t.endsWith(">")) {
      return parse(t.substring(6, t.length() - 1)).map(ArrayOf::new);
    }
    if (t.startsWith("map<") && t.endsWith(">")) {
      int comma = t.indexOf(',');
      if (comma > 0) {
        Optional<ColumnType> key = parse(t.substring(4, comma));
        Optional<ColumnType> value = parse(t.substring(comma + 1, t.length() - 1));
        return key.flatMap(k -> value.map(v -> new MapOf(k, v)));
      }
    }
    return Optional.empty();
  }
}
