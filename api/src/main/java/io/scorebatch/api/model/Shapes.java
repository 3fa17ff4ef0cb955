package io.scorebatch.api.model;

/** Checks of array lengths, so that no kernel can run past the end of an array. */
final class Shapes {
  private Shapes() {}

  static void require(String name, long length, long expected) {
    if (length != expected) {
      throw new IllegalArgumentException(
          name + " has " + length + " entries where " + expected + " belong");
    }
  }

  static void positive(String name, long length) {
    if (length < 1) {
      throw new IllegalArgumentException(name + " is empty");
    }
  }

  static void inRange(String name, int[] indices, int limit) {
    for (int index : indices) {
      if (index < 0 || index >= limit) {
        throw new IllegalArgumentException(name + " holds " + index + ", the limit is " + limit);
      }
    }
  }
}
