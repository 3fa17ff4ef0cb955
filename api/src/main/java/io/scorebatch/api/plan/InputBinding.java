package io.scorebatch.api.plan;

import io.scorebatch.api.type.ColumnType;
import org.jspecify.annotations.Nullable;

/**
 * Which column feeds a model input. Immutable.
 *
 * @param input the model's name for it
 * @param column the column of the joined rows
 * @param columnType the column's type
 * @param conversion how its values become the model's
 * @param defaultValue literal text that replaces NULL (and NaN of float columns) before the model
 *     sees it; null for none
 */
public record InputBinding(
    String input,
    String column,
    ColumnType columnType,
    Conversion conversion,
    @Nullable String defaultValue) {
  /** How a column's values become numbers or text. */
  public enum Conversion {
    /** Number or boolean widened to double; NULL becomes NaN. */
    NUMBER,
    /**
     * As NUMBER, for inputs a signature calls integer: NULL and NaN are missing; a value that is no
     * whole number of 32 bits is refused with its key.
     */
    WHOLE_32,
    /** As WHOLE_32, for inputs a signature calls long: whole numbers of 64 bits. */
    WHOLE_64,
    /**
     * Text as it is; days and moments as ISO 8601 text, an instant with its offset from UTC, a
     * blank or a T before the time. NULL stays missing.
     */
    TEXT,
    /**
     * Anything to a number: what is not numeric, NULL, NaN and infinities become 0. For models
     * scored without feature metadata.
     */
    NUMBER_OR_ZERO
  }
}
