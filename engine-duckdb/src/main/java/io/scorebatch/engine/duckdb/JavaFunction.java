package io.scorebatch.engine.duckdb;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.PlanStep.Call;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.engine.duckdb.JoinedRows.Cell;
import java.math.BigDecimal;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.duckdb.BlockFunction;
import org.duckdb.BlockFunction.Block;
import org.duckdb.BlockFunction.ResultField;
import org.duckdb.BlockFunction.ValueType;
import org.jspecify.annotations.Nullable;

/**
 * An on-demand function in Java as a DuckDB function. Values cross as one of four carriers: whole
 * numbers, days and microseconds as BIGINT, decimals as text. Called from DuckDB's threads.
 */
final class JavaFunction {
  private static final String VALUE = "value";
  private static final String FAILURE = "failure";

  private final Call call;
  private final boolean tolerant;
  private final List<Column> parameters;
  private final AtomicReference<@Nullable ScorebatchException> failure = new AtomicReference<>();

  private JavaFunction(Call call, boolean tolerant) {
    this.call = call;
    this.tolerant = tolerant;
    this.parameters = call.body().parameters().columns();
  }

  /**
   * Makes a call known to a database under a name.
   *
   * @param tolerant whether a row for which it fails gets NULL, and is told why
   */
  static JavaFunction register(Instance instance, String name, Call call, boolean tolerant)
      throws SQLException {
    JavaFunction function = new JavaFunction(call, tolerant);
    List<ResultField> results = new ArrayList<>();
    results.add(new ResultField(VALUE, carrier(call.body().result())));
    if (tolerant) {
      results.add(new ResultField(FAILURE, ValueType.VARCHAR));
    }
    BlockFunction.register(
        instance.connection(),
        name,
        function.parameters.stream().map(p -> carrier(p.type())).toList(),
        results,
        function::apply);
    return function;
  }

  /** The call in SQL: a STRUCT. */
  String sql(String name, List<Cell> arguments) {
    List<String> carried = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      ColumnType type = parameters.get(i).type();
      String value = arguments.get(i).alias();
      carried.add(toCarrier(tolerant ? Sql.tryCast(value, type) : Sql.cast(value, type), type));
    }
    return name + "(" + String.join(", ", carried) + ")";
  }

  /** The call's result in its own type. */
  String resultOf(String called) {
    return fromCarrier(called + "." + VALUE, call.body().result());
  }

  /** Why there is no result, in SQL; NULL where there is one. */
  String failureOf(String called, List<Cell> arguments) {
    List<String> reasons = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      ColumnType type = parameters.get(i).type();
      String value = arguments.get(i).alias();
      if (!arguments.get(i).type().equals(type)) {
        reasons.add(
            "CASE WHEN "
                + value
                + " IS NOT NULL AND "
                + Sql.tryCast(value, type)
                + " IS NULL THEN "
                + Sql.text(
                    "function "
                        + call.function()
                        + ": parameter '"
                        + parameters.get(i).name()
                        + "' cannot be ")
                + " || left("
                + Sql.cast(value, Primitive.STRING)
                + ", 200) END");
      }
    }
    reasons.add(called + "." + FAILURE);
    return "coalesce(" + String.join(", ", reasons) + ")";
  }

  /** What the function threw first; null where it threw nothing. */
  @Nullable ScorebatchException failure() {
    return failure.get();
  }

  private static ValueType carrier(ColumnType type) {
    if (type == Primitive.BOOLEAN) {
      return ValueType.BOOLEAN;
    }
    if (type == Primitive.FLOAT || type == Primitive.DOUBLE) {
      return ValueType.DOUBLE;
    }
    return type == Primitive.STRING || type instanceof Decimal
        ? ValueType.VARCHAR
        : ValueType.BIGINT;
  }

  private static String toCarrier(String value, ColumnType type) {
    if (type == Primitive.DATE) {
      return Sql.cast("(" + value + " - DATE '1970-01-01')", Primitive.LONG);
    }
    if (type == Primitive.TIMESTAMP || type == Primitive.TIMESTAMP_NTZ) {
      return "epoch_us(" + value + ")";
    }
    return switch (carrier(type)) {
      case BOOLEAN -> value;
      case DOUBLE -> Sql.cast(value, Primitive.DOUBLE);
      case VARCHAR -> Sql.cast(value, Primitive.STRING);
      case BIGINT -> Sql.cast(value, Primitive.LONG);
    };
  }

  private static String fromCarrier(String value, ColumnType type) {
    if (type == Primitive.DATE) {
      return "(DATE '1970-01-01' + " + Sql.cast(value, Primitive.INT) + ")";
    }
    if (type == Primitive.TIMESTAMP) {
      return "make_timestamptz(" + value + ")";
    }
    return type == Primitive.TIMESTAMP_NTZ
        ? "make_timestamp(" + value + ")"
        : Sql.cast(value, type);
  }

  private void apply(Block block) {
    int rows = block.rows();
    @Nullable Object[][] columns = new @Nullable Object[parameters.size()][rows];
    for (int i = 0; i < columns.length; i++) {
      block.values(i, carrier(parameters.get(i).type()), columns[i]);
    }
    @Nullable Object[] results = new @Nullable Object[rows];
    @Nullable String[] failures = new @Nullable String[tolerant ? rows : 0];
    @Nullable Object[] arguments = new @Nullable Object[columns.length];
    List<@Nullable Object> view = Arrays.asList(arguments);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < columns.length; i++) {
        arguments[i] = toJava(columns[i][row], parameters.get(i).type());
      }
      try {
        results[row] = call(view);
      } catch (RuntimeException e) {
        ScorebatchException told = failed(view, e);
        if (!tolerant) {
          failure.compareAndSet(null, told);
          throw told;
        }
        failures[row] = told.problem().what() + " " + told.problem().why();
      }
    }
    block.putValues(0, carrier(call.body().result()), results);
    if (tolerant) {
      block.putTexts(1, failures);
    }
  }

  private @Nullable Object call(List<@Nullable Object> arguments) {
    Object result = call.body().apply(arguments);
    return result == null ? null : toCarried(result, call.body().result());
  }

  private ScorebatchException failed(List<@Nullable Object> arguments, RuntimeException e) {
    List<String> shown = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      shown.add(parameters.get(i).name() + " = " + EngineFailures.show(arguments.get(i)));
    }
    return EngineFailures.functionFailed(call.function(), String.join(", ", shown), e);
  }

  private static @Nullable Object toJava(@Nullable Object value, ColumnType type) {
    if (value == null) {
      return null;
    }
    if (type == Primitive.DATE) {
      return LocalDate.ofEpochDay((Long) value);
    }
    if (type == Primitive.TIMESTAMP) {
      return Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS);
    }
    if (type == Primitive.TIMESTAMP_NTZ) {
      return LocalDateTime.ofInstant(
          Instant.EPOCH.plus((Long) value, ChronoUnit.MICROS), ZoneOffset.UTC);
    }
    return type instanceof Decimal ? new BigDecimal((String) value) : value;
  }

  private static Object toCarried(Object result, ColumnType type) {
    if (type == Primitive.DATE) {
      return ((LocalDate) result).toEpochDay();
    }
    if (type == Primitive.TIMESTAMP) {
      return Sql.micros((Instant) result);
    }
    if (type == Primitive.TIMESTAMP_NTZ) {
      return Sql.micros(((LocalDateTime) result).toInstant(ZoneOffset.UTC));
    }
    if (type instanceof Decimal decimal) {
      BigDecimal exact = ((BigDecimal) result).setScale(decimal.scale());
      if (exact.precision() > decimal.precision()) {
        throw new ArithmeticException("result " + result + " does not fit " + type);
      }
      return exact.toPlainString();
    }
    if (type.isInteger()) {
      return fitting(result, type);
    }
    if (type == Primitive.FLOAT || type == Primitive.DOUBLE) {
      return ((Number) result).doubleValue();
    }
    return type == Primitive.BOOLEAN ? (Object) (Boolean) result : (String) result;
  }

  private static Long fitting(Object result, ColumnType type) {
    if (!(result instanceof Long || result instanceof Integer || result instanceof Short)) {
      throw new ClassCastException(
          "result " + result + " is a " + result.getClass().getName() + ", no whole number");
    }
    long value = ((Number) result).longValue();
    boolean fits =
        type == Primitive.LONG
            || (type == Primitive.INT && value == (int) value)
            || (type == Primitive.SHORT && value == (short) value)
            || (type == Primitive.BYTE && value == (byte) value);
    if (!fits) {
      throw new ArithmeticException("result " + result + " does not fit " + type);
    }
    return value;
  }
}
