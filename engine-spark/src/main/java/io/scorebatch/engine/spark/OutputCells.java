package io.scorebatch.engine.spark;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.expressions.Cast;
import org.apache.spark.sql.catalyst.expressions.Literal;
import org.apache.spark.sql.catalyst.expressions.Literal$;
import org.apache.spark.sql.catalyst.util.ArrayBasedMapData;
import org.apache.spark.sql.catalyst.util.GenericArrayData;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;
import scala.Option;

/** Output columns as functions from a row and its scores to values as Spark holds them. */
final class OutputCells {
  /** The value of one output column. */
  interface Cell {
    /**
     * @param row the row the scores are of
     * @param scores scores of a block
     * @param index the row's place in the block
     */
    @Nullable Object value(InternalRow row, ScoreBlock scores, int index);
  }

  private OutputCells() {}

  /**
   * @param outputs the columns
   * @param first where the rows hold what the first {@code FromColumn} or {@code Evidence} takes;
   *     others follow
   */
  static List<Cell> of(List<OutputColumn> outputs, int first) {
    List<Cell> cells = new ArrayList<>();
    int next = first;
    for (OutputColumn output : outputs) {
      if (output.value() instanceof OutputValue.FromColumn
          || output.value() instanceof OutputValue.Evidence) {
        int ordinal = next++;
        DataType type = SparkTypes.of(output.column().type());
        cells.add((row, scores, i) -> row.isNullAt(ordinal) ? null : row.get(ordinal, type));
      } else {
        cells.add(of(output));
      }
    }
    return cells;
  }

  private static Cell of(OutputColumn output) {
    OutputValue value = output.value();
    ColumnType type = output.column().type();
    if (value instanceof OutputValue.Constant constant) {
      @Nullable Object fixed = constant(constant.value(), type);
      return (row, scores, i) -> fixed;
    }
    if (value instanceof OutputValue.Score score) {
      return (row, scores, i) -> number(output, scores.numbers(score.index())[i]);
    }
    if (value instanceof OutputValue.ScoreBelow below) {
      return flag(
          type, (row, scores, i) -> scores.numbers(below.index())[i], below.threshold(), true);
    }
    if (value instanceof OutputValue.ScoreAbove above) {
      return flag(
          type, (row, scores, i) -> scores.numbers(above.index())[i], above.threshold(), false);
    }
    if (value instanceof OutputValue.Label label) {
      List<@Nullable Object> own = labels(label.labels(), type);
      return (row, scores, i) -> at(own, scores.numbers(label.index())[i]);
    }
    if (value instanceof OutputValue.Text text) {
      return (row, scores, i) -> {
        String found = scores.texts(text.index())[i];
        return found == null ? null : UTF8String.fromString(found);
      };
    }
    if (value instanceof OutputValue.ProbabilityOfLabel of) {
      List<Integer> indices = of.probabilityIndices();
      return (row, scores, i) -> {
        double label = scores.numbers(of.labelIndex())[i];
        return isLabel(label, indices.size())
            ? number(output, scores.numbers(indices.get((int) label))[i])
            : null;
      };
    }
    if (value instanceof OutputValue.ProbabilityMap map) {
      Object[] names = new Object[map.labels().size()];
      for (int i = 0; i < names.length; i++) {
        names[i] = UTF8String.fromString(map.labels().text(i));
      }
      List<Integer> indices = map.probabilityIndices();
      return (row, scores, i) ->
          new ArrayBasedMapData(
              new GenericArrayData(names), new GenericArrayData(all(scores, indices, i)));
    }
    List<Integer> indices = ((OutputValue.ScoreArray) value).indices();
    return (row, scores, i) -> new GenericArrayData(all(scores, indices, i));
  }

  private static double[] all(ScoreBlock scores, List<Integer> indices, int row) {
    double[] all = new double[indices.size()];
    for (int i = 0; i < all.length; i++) {
      all[i] = scores.numbers(indices.get(i))[row];
    }
    return all;
  }

  private static @Nullable Object constant(@Nullable Object value, ColumnType type) {
    if (value == null) {
      return null;
    }
    Literal literal;
    if (value instanceof String text) {
      literal = Literal.create(UTF8String.fromString(text), DataTypes.StringType);
    } else if (value instanceof Instant instant) {
      literal =
          Literal.create(
              ChronoUnit.MICROS.between(Instant.EPOCH, instant), DataTypes.TimestampType);
    } else {
      literal = Literal$.MODULE$.apply(value);
    }
    return new Cast(literal, SparkTypes.of(type), Option.apply("UTC")).eval(InternalRow.empty());
  }

  private static List<@Nullable Object> labels(Labels labels, ColumnType type) {
    List<@Nullable Object> values = new ArrayList<>();
    labels.values().forEach(label -> values.add(constant(label, type)));
    return values;
  }

  private static boolean isLabel(double index, int size) {
    return index >= 0 && index < size;
  }

  private static @Nullable Object at(List<@Nullable Object> labels, double index) {
    return isLabel(index, labels.size()) ? labels.get((int) index) : null;
  }

  private interface ToScore {
    double of(InternalRow row, ScoreBlock scores, int index);
  }

  private static Cell flag(ColumnType type, ToScore score, double threshold, boolean below) {
    Object yes = java.util.Objects.requireNonNull(constant(1, type));
    Object no = java.util.Objects.requireNonNull(constant(0, type));
    return (row, scores, i) -> {
      double value = score.of(row, scores, i);
      if (Double.isNaN(value)) {
        return null;
      }
      return (below ? value < threshold : value > threshold) ? yes : no;
    };
  }

  private static @Nullable Object number(OutputColumn output, double score) {
    ColumnType type = output.column().type();
    if (type == Primitive.DOUBLE) {
      return score;
    }
    if (type == Primitive.FLOAT) {
      float narrow = (float) score;
      if (Float.isInfinite(narrow) && !Double.isInfinite(score)) {
        throw UnfitValueException.ofScore(output, score);
      }
      return narrow;
    }
    if (type.isInteger() && Double.isNaN(score)) {
      return null;
    }
    if (!Double.isFinite(score)) {
      throw UnfitValueException.ofScore(output, score);
    }
    if (type instanceof Decimal decimal) {
      BigDecimal exact = new BigDecimal(score).setScale(decimal.scale(), RoundingMode.HALF_UP);
      if (exact.precision() > decimal.precision()) {
        throw UnfitValueException.ofScore(output, score);
      }
      return org.apache.spark.sql.types.Decimal.apply(exact, decimal.precision(), decimal.scale());
    }
    return whole(output, score);
  }

  private static Object whole(OutputColumn output, double score) {
    ColumnType type = output.column().type();
    // -2^63 is a double, 2^63 - 1 is none: the first double above all longs is 2^63.
    if (Math.rint(score) != score || score < -0x1p63 || score >= 0x1p63) {
      throw UnfitValueException.ofScore(output, score);
    }
    long value = (long) score;
    if (type == Primitive.LONG) {
      return value;
    }
    if (type == Primitive.INT && (int) value == value) {
      return (int) value;
    }
    if (type == Primitive.SHORT && (short) value == value) {
      return (short) value;
    }
    if (type == Primitive.BYTE && (byte) value == value) {
      return (byte) value;
    }
    throw UnfitValueException.ofScore(output, score);
  }
}
