package io.scorebatch.artifact.sklearn;

/**
 * NumPy's sum over a contiguous axis: plain up to 7 numbers, eight accumulators up to 128, halves
 * beyond.
 */
final class PairwiseSum {
  private static final int LANES = 8;
  private static final int BLOCK = 128;

  private PairwiseSum() {}

  static double of(double[] values, int from, int count) {
    if (count < LANES) {
      double sum = 0;
      for (int i = 0; i < count; i++) {
        sum = i == 0 ? values[from] : sum + values[from + i];
      }
      return sum;
    }
    if (count <= BLOCK) {
      double[] lanes = new double[LANES];
      System.arraycopy(values, from, lanes, 0, LANES);
      int i = LANES;
      for (; i < count - count % LANES; i += LANES) {
        for (int lane = 0; lane < LANES; lane++) {
          lanes[lane] += values[from + i + lane];
        }
      }
      double sum =
          ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3]))
              + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
      for (; i < count; i++) {
        sum += values[from + i];
      }
      return sum;
    }
    int half = count / 2;
    half -= half % LANES;
    return of(values, from, half) + of(values, from + half, count - half);
  }
}
