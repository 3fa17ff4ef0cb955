package io.scorebatch.engine.spark;

import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.PlanStep.Call;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.api.java.UDF1;
import org.apache.spark.sql.functions;
import org.jspecify.annotations.Nullable;

/**
 * An on-demand function in Java as a Spark function. Its object serves the JVM it was made in;
 * other JVMs make their own from its class, once.
 */
final class JavaFunction implements UDF1<Row, Object>, Serializable {
  private static final Map<String, OnDemandFunction> BODIES = new ConcurrentHashMap<>();

  private final String id = UUID.randomUUID().toString();
  private final String function;
  private final String type;
  private transient @Nullable OnDemandFunction body;

  private JavaFunction(Call call) {
    this.function = call.function();
    this.type = call.body().getClass().getName();
    BODIES.put(id, call.body());
  }

  /** What Spark calls with the function's arguments, in the order of its parameters. */
  interface Applied {
    org.apache.spark.sql.Column apply(org.apache.spark.sql.Column... arguments);
  }

  static Applied of(Call call) {
    var applied = functions.udf(new JavaFunction(call), SparkTypes.of(call.body().result()));
    return arguments -> applied.apply(functions.struct(arguments));
  }

  @Override
  public @Nullable Object call(Row row) {
    OnDemandFunction used = body();
    List<@Nullable Object> arguments = new ArrayList<>();
    for (int i = 0; i < row.size(); i++) {
      arguments.add(argument(row.get(i)));
    }
    @Nullable Object result;
    try {
      result = used.apply(Collections.unmodifiableList(arguments));
    } catch (RuntimeException e) {
      throw SparkFailures.functionFailed(
          function, used.parameters().columns().stream().map(Column::name).toList(), arguments, e);
    }
    return result(result, used.result());
  }

  private OnDemandFunction body() {
    OnDemandFunction used = body;
    if (used == null) {
      used = BODIES.computeIfAbsent(id, missing -> make());
      body = used;
    }
    return used;
  }

  private OnDemandFunction make() {
    try {
      return Class.forName(type, true, JavaFunction.class.getClassLoader())
          .asSubclass(OnDemandFunction.class)
          .getConstructor()
          .newInstance();
    } catch (ReflectiveOperationException e) {
      throw SparkFailures.functionCannotTravel(function, type);
    }
  }

  private static @Nullable Object argument(@Nullable Object value) {
    if (value instanceof Byte || value instanceof Short || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    return value instanceof Float number ? (Object) number.doubleValue() : value;
  }

  private static @Nullable Object result(@Nullable Object value, ColumnType type) {
    if (!(value instanceof Number number) || !(type instanceof Primitive primitive)) {
      return value;
    }
    return switch (primitive) {
      case BYTE -> (Object) exact(number, Byte.MIN_VALUE, Byte.MAX_VALUE).byteValue();
      case SHORT -> exact(number, Short.MIN_VALUE, Short.MAX_VALUE).shortValue();
      case INT -> exact(number, Integer.MIN_VALUE, Integer.MAX_VALUE).intValue();
      case LONG -> number.longValue();
      case FLOAT -> number.floatValue();
      case DOUBLE -> number.doubleValue();
      case BOOLEAN, STRING, BINARY, DATE, TIMESTAMP, TIMESTAMP_NTZ -> value;
    };
  }

  private static Long exact(Number value, long least, long greatest) {
    long whole = value.longValue();
    if (whole < least || whole > greatest) {
      throw new ArithmeticException(value + " is out of the result type's range");
    }
    return whole;
  }
}
