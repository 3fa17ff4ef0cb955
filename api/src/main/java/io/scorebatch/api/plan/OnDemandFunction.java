package io.scorebatch.api.plan;

import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.Schema;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An on-demand function written in Java: what stands in for the body that a model's metadata does
 * not hold. A pipeline names the class, never a model; the class is public and has a public
 * constructor without parameters.
 *
 * <p>One object serves a whole run and is called from several threads at once. It is called once a
 * row, also for rows whose arguments are NULL, in no particular order.
 *
 * <p>Values: Boolean; Long for whole numbers of any width; Double for float and double (a NaN stays
 * a NaN); BigDecimal; String; LocalDate; Instant for timestamp, LocalDateTime for timestamp_ntz;
 * null for NULL. Other types can be neither parameter nor result.
 */
public interface OnDemandFunction {
  /**
   * Its parameters, in the order {@link #apply} gets their values. The model's metadata binds each
   * of them by name, ignoring case.
   */
  Schema parameters();

  /** The type of its result. */
  ColumnType result();

  /**
   * Computes the value of one row.
   *
   * @param arguments a value a parameter; the list is reused after the call
   * @return the result, or null for NULL
   * @throws RuntimeException to fail the model, which is told with the function and its arguments
   */
  @Nullable Object apply(List<@Nullable Object> arguments);

  /** Whether values of a type can be passed to a function and returned by it. */
  static boolean passes(ColumnType type) {
    return type instanceof ColumnType.Decimal
        || (type instanceof ColumnType.Primitive && type != ColumnType.Primitive.BINARY);
  }
}
