package io.scorebatch.kernel;

/** NumPy's {@code interp}. */
final class Interpolation {
  private Interpolation() {}

  /**
   * @param xs ascending, not empty
   * @return NaN for NaN; the first or last y outside
   */
  static double at(double x, double[] xs, double[] ys) {
    int last = xs.length - 1;
    if (Double.isNaN(x)) {
      return x;
    }
    if (x > xs[last]) {
      return ys[last];
    }
    if (x < xs[0]) {
      return ys[0];
    }
    int low = 0;
    int high = last + 1;
    while (high - low > 1) {
      int middle = (low + high) >>> 1;
      if (xs[middle] <= x) {
        low = middle;
      } else {
        high = middle;
      }
    }
    if (low == last || xs[low] == x) {
      return ys[low];
    }
    double slope = (ys[low + 1] - ys[low]) / (xs[low + 1] - xs[low]);
    double y = slope * (x - xs[low]) + ys[low];
    if (Double.isNaN(y)) {
      y = slope * (x - xs[low + 1]) + ys[low + 1];
      if (Double.isNaN(y) && ys[low] == ys[low + 1]) {
        y = ys[low];
      }
    }
    return y;
  }
}
