package io.scorebatch.kernel;

/** Quantiles of the normal distribution, by the rational functions of Cephes' {@code ndtri}. */
final class NormalQuantile {
  private static final double TAIL = 0.1353352832366127;
  private static final double ROOT_TWO_PI = 2.5066282746310007;

  private static final double[] P0 = {
    -59.96335010141079,
    98.00107541859997,
    -56.67628574690703,
    13.931260938727968,
    -1.2391658386738125
  };
  private static final double[] Q0 = {
    1.0,
    1.9544885833814176,
    4.676279128988815,
    86.36024213908905,
    -225.46268785411937,
    200.26021238006066,
    -82.03722561683334,
    15.90562251262117,
    -1.1833162112133
  };
  private static final double[] P1 = {
    4.0554489230596245,
    31.525109459989388,
    57.16281922464213,
    44.08050738932008,
    14.684956192885803,
    2.1866330685079025,
    -0.1402560791713545,
    -0.03504246268278482,
    -0.0008574567851546854
  };
  private static final double[] Q1 = {
    1.0,
    15.779988325646675,
    45.39076351288792,
    41.3172038254672,
    15.04253856929075,
    2.504649462083094,
    -0.14218292285478779,
    -0.03808064076915783,
    -0.0009332594808954574
  };
  private static final double[] P2 = {
    3.2377489177694603,
    6.915228890689842,
    3.9388102529247444,
    1.3330346081580755,
    0.20148538954917908,
    0.012371663481782003,
    0.00030158155350823543,
    2.6580697468673755E-06,
    6.239745391849833E-09
  };
  private static final double[] Q2 = {
    1.0,
    6.02427039364742,
    3.6798356385616087,
    1.3770209948908132,
    0.21623699359449663,
    0.013420400608854318,
    0.00032801446468212774,
    2.8924786474538068E-06,
    6.790194080099813E-09
  };

  private NormalQuantile() {}

  /** Infinite at 0 and 1, NaN for NaN and outside. */
  static double of(double probability) {
    if (probability == 0) {
      return Double.NEGATIVE_INFINITY;
    }
    if (probability == 1) {
      return Double.POSITIVE_INFINITY;
    }
    if (!(probability > 0 && probability < 1)) {
      return Double.NaN;
    }
    boolean upper = probability > 1 - TAIL;
    double y = upper ? 1 - probability : probability;
    if (y > TAIL) {
      double centred = y - 0.5;
      double square = centred * centred;
      double x = centred + centred * (square * polynomial(P0, square) / polynomial(Q0, square));
      return x * ROOT_TWO_PI;
    }
    double x = Math.sqrt(-2.0 * StrictMath.log(y));
    double first = x - StrictMath.log(x) / x;
    double z = 1.0 / x;
    double second =
        x < 8
            ? z * polynomial(P1, z) / polynomial(Q1, z)
            : z * polynomial(P2, z) / polynomial(Q2, z);
    return upper ? first - second : -(first - second);
  }

  private static double polynomial(double[] coefficients, double x) {
    double value = coefficients[0];
    for (int i = 1; i < coefficients.length; i++) {
      value = value * x + coefficients[i];
    }
    return value;
  }
}
