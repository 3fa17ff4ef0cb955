package io.scorebatch.kernel;

import io.scorebatch.api.model.ModelInput;
import java.util.List;

/**
 * What is known of a frame's columns before any row is read.
 *
 * @param text whether a column is text
 * @param origin the model input a column is, unchanged but for missing values; -1 for computed ones
 */
record Columns(boolean[] text, int[] origin) {
  static Columns of(List<ModelInput> inputs) {
    boolean[] text = new boolean[inputs.size()];
    int[] origin = new int[inputs.size()];
    for (int i = 0; i < text.length; i++) {
      text[i] = inputs.get(i).text();
      origin[i] = i;
    }
    return new Columns(text, origin);
  }

  static Columns computed(int count) {
    int[] origin = new int[count];
    java.util.Arrays.fill(origin, -1);
    return new Columns(new boolean[count], origin);
  }

  int count() {
    return text.length;
  }
}
