package io.scorebatch.model.onnx;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An input or output of a graph. Immutable.
 *
 * @param name its name
 * @param element the element type; empty for types that cannot be a column
 * @param typeText the type as people read it
 * @param maps true for a sequence of maps with float values, which is what ZipMap answers
 * @param shape the dimensions, -1 for those that are free; null where the file gives none
 */
record GraphValue(
    String name,
    Optional<Element> element,
    String typeText,
    boolean maps,
    @Nullable List<Long> shape) {
  static final long FREE = -1;

  /** The number of columns a row has: the second dimension, 1 for vectors and unknown shapes. */
  long width() {
    return shape == null || shape.size() < 2 ? 1 : shape.get(1);
  }

  /** True for tensors that have one row or value for each row of the batch. */
  boolean isTable() {
    return element.isPresent()
        && (shape == null || shape.size() == 1 || shape.size() == 2)
        && (shape == null || shape.get(0) == FREE || shape.get(0) == 1);
  }

  @Override
  public String toString() {
    return "'" + name + "' of type " + typeText + (shape == null ? "" : " and shape " + shape);
  }
}
