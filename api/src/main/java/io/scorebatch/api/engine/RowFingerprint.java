package io.scorebatch.api.engine;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A number for what goes into a model: the same on every engine and machine, another one as soon as
 * a value differs. Two different rows share a fingerprint with a chance of about 2^-64.
 *
 * <p>Each value is mixed into the state in the order of the inputs: numbers by their 64 bits, every
 * NaN as one and −0.0 apart from 0.0; text by its UTF-16 units and length, missing text apart from
 * all. Mixing is SplitMix64's finalizer (Steele, Lea, Flood 2014). Immutable.
 */
public final class RowFingerprint {
  private static final long MISSING_TEXT = 0x6d69_7373_696e_67L;

  private final List<ModelInput> inputs;
  private final long salt;

  /**
   * @param inputs the model's inputs
   * @param salt stands for the model and all that is the same for every row
   */
  public RowFingerprint(List<ModelInput> inputs, long salt) {
    this.inputs = List.copyOf(inputs);
    this.salt = salt;
  }

  /**
   * Computes the fingerprint of each row of a block.
   *
   * @param into holds at least as many elements as the block has rows
   */
  public void of(ColumnBlock block, long[] into) {
    int rows = block.rows();
    java.util.Arrays.fill(into, 0, rows, mix(salt));
    for (int column = 0; column < inputs.size(); column++) {
      if (inputs.get(column).text()) {
        @Nullable String[] texts = block.texts(column);
        for (int row = 0; row < rows; row++) {
          into[row] = text(into[row], texts[row]);
        }
      } else {
        double[] numbers = block.numbers(column);
        for (int row = 0; row < rows; row++) {
          into[row] = next(into[row], Double.doubleToLongBits(numbers[row]));
        }
      }
    }
  }

  private static long text(long state, @Nullable String text) {
    if (text == null) {
      return next(state, MISSING_TEXT);
    }
    long hash = next(state, text.length());
    for (int i = 0; i < text.length(); i++) {
      hash = next(hash, text.charAt(i));
    }
    return hash;
  }

  private static long next(long state, long value) {
    return mix(state * 31 + mix(value));
  }

  private static long mix(long value) {
    long mixed = value + 0x9e37_79b9_7f4a_7c15L;
    mixed = (mixed ^ (mixed >>> 30)) * 0xbf58_476d_1ce4_e5b9L;
    mixed = (mixed ^ (mixed >>> 27)) * 0x94d0_49bb_1331_11ebL;
    return mixed ^ (mixed >>> 31);
  }
}
