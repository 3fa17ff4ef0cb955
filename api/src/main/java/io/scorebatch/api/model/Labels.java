package io.scorebatch.api.model;

import io.scorebatch.api.type.ColumnType;
import java.util.List;

/**
 * The classes of a classifier in the order of its probabilities, in their own type. Immutable.
 *
 * @param type LONG, INT, DOUBLE, BOOLEAN or STRING
 * @param values Long, Integer, Double, Boolean or String, as {@code type} says
 */
public record Labels(ColumnType type, List<Object> values) {
  public Labels {
    values = List.copyOf(values);
  }

  public int size() {
    return values.size();
  }

  /** The label as text, as the keys of the {@code probabilities} map show it. */
  public String text(int index) {
    return String.valueOf(values.get(index));
  }
}
