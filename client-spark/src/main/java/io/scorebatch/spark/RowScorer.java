package io.scorebatch.spark;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import java.util.List;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.types.BooleanType;
import org.apache.spark.sql.types.ByteType;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DecimalType;
import org.apache.spark.sql.types.DoubleType;
import org.apache.spark.sql.types.FloatType;
import org.apache.spark.sql.types.IntegerType;
import org.apache.spark.sql.types.LongType;
import org.apache.spark.sql.types.ShortType;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** A scorer for one row at a time. One thread at a time. */
final class RowScorer implements ColumnBlock {
  private final Scorer scorer;
  private final int[] fields;
  private final DataType[] types;
  private final double[][] in;
  private final @Nullable String[][] texts;
  private final ScoreBlock out;
  private final double[] score = new double[1];
  private final double @Nullable [] labels;

  RowScorer(Scorer scorer, StructType row) {
    check(scorer, row);
    this.scorer = scorer;
    List<ModelInput> inputs = scorer.inputs();
    this.fields = new int[inputs.size()];
    this.types = new DataType[inputs.size()];
    this.in = new double[inputs.size()][1];
    this.texts = new @Nullable String[inputs.size()][1];
    for (int i = 0; i < fields.length; i++) {
      fields[i] = row.fieldIndex(inputs.get(i).name());
      types[i] = row.fields()[fields[i]].dataType();
    }
    this.out = new Out();
    this.labels =
        scorer
            .outputs()
            .get(0)
            .labels()
            .map(
                l ->
                    l.values().stream()
                        .mapToDouble(value -> ((Number) value).doubleValue())
                        .toArray())
            .orElse(null);
  }

  /**
   * @throws ScorebatchException where the row lacks an input, has it in another type, or the answer
   *     is no number; all problems at once
   */
  static void check(Scorer scorer, StructType row) {
    Problems problems = new Problems();
    List<String> names = List.of(row.fieldNames());
    for (ModelInput input : scorer.inputs()) {
      if (!names.contains(input.name())) {
        problems.add(
            ErrorCode.COLUMN_NOT_FOUND,
            "The struct has no field '" + input.name() + "', which the model reads.",
            "It has " + String.join(", ", names) + ".",
            "name the struct's fields as the model names its inputs.");
        continue;
      }
      DataType type = row.apply(input.name()).dataType();
      boolean fits = input.text() ? type instanceof StringType : isNumber(type);
      if (!fits) {
        problems.add(
            ErrorCode.FEATURE_TYPE_MISMATCH,
            "The model reads '"
                + input.name()
                + "' as "
                + (input.text() ? "text" : "a number")
                + ", the struct has it as "
                + type.simpleString()
                + ".",
            "",
            "cast the field.");
      }
    }
    ScoreColumn answer = scorer.outputs().get(0);
    boolean number =
        scorer.outputs().size() == 1
            && answer.type() != ScoreColumn.Type.TEXT
            && answer.labels().stream()
                .allMatch(l -> l.values().stream().allMatch(Number.class::isInstance));
    if (!number) {
      problems.add(
          ErrorCode.OUTPUT_KIND_UNAVAILABLE,
          "The model's predict returns something else than one number.",
          "A SQL function returns a DOUBLE.",
          "use SparkFeatureEngineering.scoreBatch.");
    }
    problems.throwIfAny();
  }

  private static boolean isNumber(DataType type) {
    return type instanceof DoubleType
        || type instanceof FloatType
        || type instanceof LongType
        || type instanceof IntegerType
        || type instanceof ShortType
        || type instanceof ByteType
        || type instanceof BooleanType
        || type instanceof DecimalType;
  }

  double score(InternalRow row) {
    for (int i = 0; i < fields.length; i++) {
      boolean missing = row.isNullAt(fields[i]);
      if (types[i] instanceof StringType) {
        texts[i][0] = missing ? null : row.getUTF8String(fields[i]).toString();
      } else {
        in[i][0] = missing ? Double.NaN : number(row, fields[i], types[i]);
      }
    }
    try {
      scorer.score(this, out);
    } catch (RejectedValueException e) {
      String input = e.input() < 0 ? "a value" : scorer.inputs().get(e.input()).name();
      throw ScorebatchException.of(
          ErrorCode.VALUE_REJECTED,
          "The model refuses value " + e.value() + " of input '" + input + "'.",
          "It is " + e.reason().text() + ".",
          "filter such rows, or give the field a value with coalesce.");
    }
    double[] own = labels;
    if (own == null) {
      return score[0];
    }
    return score[0] < 0 ? Double.NaN : own[(int) score[0]];
  }

  private static double number(InternalRow row, int field, DataType type) {
    if (type instanceof DoubleType) {
      return row.getDouble(field);
    }
    if (type instanceof FloatType) {
      return row.getFloat(field);
    }
    if (type instanceof LongType) {
      return row.getLong(field);
    }
    if (type instanceof IntegerType) {
      return row.getInt(field);
    }
    if (type instanceof ShortType) {
      return row.getShort(field);
    }
    if (type instanceof ByteType) {
      return row.getByte(field);
    }
    if (type instanceof BooleanType) {
      return row.getBoolean(field) ? 1 : 0;
    }
    DecimalType decimal = (DecimalType) type;
    return row.getDecimal(field, decimal.precision(), decimal.scale()).toDouble();
  }

  @Override
  public int rows() {
    return 1;
  }

  @Override
  public int columns() {
    return in.length;
  }

  @Override
  public double[] numbers(int column) {
    return in[column];
  }

  @Override
  public @Nullable String[] texts(int column) {
    return texts[column];
  }

  private final class Out implements ScoreBlock {
    @Override
    public double[] numbers(int column) {
      return score;
    }

    @Override
    public @Nullable String[] texts(int column) {
      throw new IllegalStateException("checked: the answer is no text");
    }
  }
}
