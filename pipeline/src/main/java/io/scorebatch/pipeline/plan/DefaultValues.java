package io.scorebatch.pipeline.plan;

import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.math.BigInteger;
import java.util.Map;

/** Which texts can stand for NULL in a column of a type (feature_spec.yaml, default_value). */
final class DefaultValues {
  private static final Map<Primitive, Integer> BITS =
      Map.of(Primitive.SHORT, 15, Primitive.INT, 31, Primitive.LONG, 63);

  private DefaultValues() {}

  /** Why the text is no value of the type; the empty string where it is one. */
  static String objection(String text, ColumnType type) {
    if (type == Primitive.STRING || type == Primitive.BOOLEAN) {
      return "";
    }
    if (type == Primitive.FLOAT || type == Primitive.DOUBLE) {
      return isFloat(text) ? "" : "It is no number.";
    }
    Integer bits = type instanceof Primitive primitive ? BITS.get(primitive) : null;
    if (bits == null) {
      return "Columns of type " + type.sparkName() + " take no default value.";
    }
    if (!text.strip().matches("[+-]?\\d+")) {
      return "It is no whole number.";
    }
    BigInteger value = new BigInteger(text.strip());
    BigInteger limit = BigInteger.ONE.shiftLeft(bits);
    boolean fits = value.compareTo(limit) < 0 && value.compareTo(limit.negate()) >= 0;
    return fits ? "" : "It does not fit into " + type.sparkName() + ".";
  }

  private static boolean isFloat(String text) {
    String t = text.strip().toLowerCase(java.util.Locale.ROOT);
    if (t.matches("[+-]?(nan|inf|infinity)")) {
      return true;
    }
    return t.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)(e[+-]?\\d+)?");
  }
}
