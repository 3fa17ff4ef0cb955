package io.scorebatch.engine.duckdb;

import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.MapOf;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.ColumnType.StructOf;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Column types in DuckDB's words, both ways. */
final class DuckTypes {
  private DuckTypes() {}

  /** The type as DuckDB writes it. */
  static String sql(ColumnType type) {
    if (type instanceof Primitive primitive) {
      return primitive(primitive);
    }
    if (type instanceof Decimal decimal) {
      return "DECIMAL(" + decimal.precision() + "," + decimal.scale() + ")";
    }
    if (type instanceof ArrayOf array) {
      return sql(array.element()) + "[]";
    }
    if (type instanceof MapOf map) {
      return "MAP(" + sql(map.key()) + ", " + sql(map.value()) + ")";
    }
    return ((StructOf) type)
        .fields().stream()
            .map(f -> Sql.name(f.name()) + " " + sql(f.type()))
            .collect(Collectors.joining(", ", "STRUCT(", ")"));
  }

  private static String primitive(Primitive type) {
    return switch (type) {
      case BOOLEAN -> "BOOLEAN";
      case BYTE -> "TINYINT";
      case SHORT -> "SMALLINT";
      case INT -> "INTEGER";
      case LONG -> "BIGINT";
      case FLOAT -> "FLOAT";
      case DOUBLE -> "DOUBLE";
      case STRING -> "VARCHAR";
      case BINARY -> "BLOB";
      case DATE -> "DATE";
      case TIMESTAMP -> "TIMESTAMP WITH TIME ZONE";
      case TIMESTAMP_NTZ -> "TIMESTAMP";
    };
  }

  /**
   * The type that holds every value of a DuckDB type: unsigned integers widen, huge ones become
   * decimals, and what has no counterpart (UUID, TIME, ENUM …) becomes text.
   */
  static ColumnType parse(String duckType) {
    return new Parser(duckType).type();
  }

  /** True where values of the type hold others, at any depth a struct. */
  static boolean hasStruct(ColumnType type) {
    if (type instanceof ArrayOf array) {
      return hasStruct(array.element());
    }
    if (type instanceof MapOf map) {
      return hasStruct(map.key()) || hasStruct(map.value());
    }
    return type instanceof StructOf;
  }

  /** Reads {@code STRUCT("a" DECIMAL(4,2)[], b MAP(VARCHAR, DOUBLE))} and the like. */
  private static final class Parser {
    private final String text;
    private int at;

    Parser(String text) {
      this.text = text;
    }

    ColumnType type() {
      ColumnType type = plain();
      while (at < text.length() && text.charAt(at) == '[') {
        at = text.indexOf(']', at) + 1;
        type = new ArrayOf(type);
      }
      return type;
    }

    private ColumnType plain() {
      int from = at;
      while (at < text.length() && "(),[".indexOf(text.charAt(at)) < 0) {
        at++;
      }
      String word = text.substring(from, at).strip();
      if (at == text.length() || text.charAt(at) != '(') {
        return named(word);
      }
      at++;
      ColumnType type = parameterised(word);
      at++;
      return type;
    }

    private ColumnType parameterised(String word) {
      switch (word) {
        case "STRUCT":
          return struct();
        case "MAP":
          ColumnType key = type();
          at++;
          return new MapOf(key, type());
        case "DECIMAL":
          int comma = text.indexOf(',', at);
          int close = text.indexOf(')', at);
          int precision = Integer.parseInt(text.substring(at, comma).strip());
          int scale = Integer.parseInt(text.substring(comma + 1, close).strip());
          at = close;
          return new Decimal(precision, scale);
        default:
          skip();
          return Primitive.STRING;
      }
    }

    private StructOf struct() {
      List<Column> fields = new ArrayList<>();
      while (text.charAt(at) != ')') {
        while (text.charAt(at) == ' ' || text.charAt(at) == ',') {
          at++;
        }
        String name = fieldName();
        fields.add(Column.of(name, type()));
      }
      return new StructOf(fields);
    }

    private String fieldName() {
      if (text.charAt(at) != '"') {
        int space = text.indexOf(' ', at);
        String name = text.substring(at, space);
        at = space + 1;
        return name;
      }
      StringBuilder name = new StringBuilder();
      for (at++; text.charAt(at) != '"' || text.startsWith("\"\"", at); at++) {
        if (text.charAt(at) == '"') {
          at++;
        }
        name.append(text.charAt(at));
      }
      at++;
      return name.toString();
    }

    /** Goes to the bracket that closes the one just opened, past quoted text. */
    private void skip() {
      boolean quoted = false;
      for (int depth = 0; quoted || depth > 0 || text.charAt(at) != ')'; at++) {
        char c = text.charAt(at);
        if (c == '\'') {
          quoted = !quoted;
        } else if (!quoted && c == '(') {
          depth++;
        } else if (!quoted && c == ')') {
          depth--;
        }
      }
    }

    private static ColumnType named(String word) {
      switch (word) {
        case "BOOLEAN":
          return Primitive.BOOLEAN;
        case "TINYINT":
          return Primitive.BYTE;
        case "SMALLINT":
        case "UTINYINT":
          return Primitive.SHORT;
        case "INTEGER":
        case "USMALLINT":
          return Primitive.INT;
        case "BIGINT":
        case "UINTEGER":
          return Primitive.LONG;
        case "UBIGINT":
          return new Decimal(20, 0);
        case "HUGEINT":
        case "UHUGEINT":
          return new Decimal(38, 0);
        case "FLOAT":
          return Primitive.FLOAT;
        case "DOUBLE":
          return Primitive.DOUBLE;
        case "BLOB":
          return Primitive.BINARY;
        case "DATE":
          return Primitive.DATE;
        case "TIMESTAMP WITH TIME ZONE":
          return Primitive.TIMESTAMP;
        case "TIMESTAMP":
        case "TIMESTAMP_S":
        case "TIMESTAMP_MS":
        case "TIMESTAMP_NS":
          return Primitive.TIMESTAMP_NTZ;
        default:
          return Primitive.STRING;
      }
    }
  }
}
