package io.scorebatch.artifact.xgboost;

import java.util.Arrays;

/** A growing list of numbers. One thread at a time. */
final class NumberList {
  private double[] numbers = new double[16];
  private int size;

  void add(double number) {
    if (size == numbers.length) {
      numbers = Arrays.copyOf(numbers, size + (size >> 1) + 1);
    }
    numbers[size++] = number;
  }

  double[] toArray() {
    return Arrays.copyOf(numbers, size);
  }
}
