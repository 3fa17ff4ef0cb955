package io.scorebatch.engine.duckdb;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.PlanStep.Call;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
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

  private final Call call;
  private final List<Column> parameters;
  private final AtomicReference<@Nullable ScorebatchException> failure = new AtomicReference<>();

  private JavaFunction(Call call) {
    this.call = call;
    this.parameters = call.body().parameters().columns();
  }

  /** Makes a call known to a database under a name. */
  static JavaFunction register(Instance instance, String name, Call call) throws SQLException {
    JavaFunction function = new JavaFunction(call);
    BlockFunction.register(
        instance.connection(),
        name,
        function.parameters.stream().map(p -> carrier(p.type())).toList(),
        List.of(new ResultField(VALUE, carrier(call.body().result()))),
        function::apply);
    return function;
  }

  /** The call's result in SQL, in its own type. */
  String sql(String name, List<String> arguments) {
    List<String> carried = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i++) {
      ColumnType type = parameters.get(i).type();
      carried.add(toCarrier(Sql.cast(arguments.get(i), type), type));
    }
    String result = name + "(" + String.join(", ", carried) + ")." + VALUE;
    return fromCarrier(result, call.body().result());
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
    @Nullable Object[] arguments = new @Nullable Object[columns.length];
    List<@Nullable Object> view = Arrays.asList(arguments);
    for (int row = 0; row < rows; row++) {
      for (int i = 0; i < columns.length; i++) {
        arguments[i] = toJava(columns[i][row], parameters.get(i).type());
      }
      results[row] = call(view);
    }
    block.putValues(0, carrier(call.body().result()), results);
  }

  private @Nullable Object call(List<@Nullable Object> arguments) {
    try {
      Object result = call.body().apply(arguments);
      return result == null ? null : toCarried(result, call.body().result());
    } catch (RuntimeException e) {
      List<String> shown = new ArrayList<>();
      for (int i = 0; i < arguments.size(); i++) {
        shown.add(parameters.get(i).name() + " = " + EngineFailures.show(arguments.get(i)));
      }
      ScorebatchException told =
          EngineFailures.functionFailed(call.function(), String.join(", ", shown), e);
      failure.compareAndSet(null, told);
      throw told;
    }
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
