package io.scorebatch.kernel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LinksTest {
  private static double[] link(Link link, double... raw) {
    double[][] columns = new double[raw.length][1];
    for (int k = 0; k < raw.length; k++) {
      columns[k][0] = raw[k];
    }
    double[][] values = Links.apply(link, 1, columns, 1);
    return Arrays.stream(values).mapToDouble(c -> c[0]).toArray();
  }

  private static double answer(Response response, OutputKind kind, double raw) {
    Answers answers = new Answers(kind);
    new Responses(response, 1).answer(new double[][] {{raw}}, 1, answers);
    double[][] columns = answers.of(kind);
    return columns[columns.length - 1][0];
  }

  @Test
  void sumsAsNumPyDoes() {
    double[] values = new Random(5).doubles(300).toArray();
    double exact = Arrays.stream(values).sum();
    for (int n : new int[] {0, 1, 7, 8, 9, 16, 127, 128, 129, 300}) {
      assertThat(Links.pairwiseSum(values, 0, n))
          .isCloseTo(Arrays.stream(values, 0, n).sum(), within(1e-12));
    }
    assertThat(Links.pairwiseSum(values, 0, 300)).isCloseTo(exact, within(1e-12));
    double[] eight = {1, 1e100, 1, -1e100, 1, 1e100, 1, -1e100};
    assertThat(Links.pairwiseSum(eight, 0, 8)).isEqualTo(0);
    double[] seven = {1, 1e100, -1e100, 1, 1, 1, 1};
    assertThat(Links.pairwiseSum(seven, 0, 7)).isEqualTo(4);
  }

  @Test
  void xgboostsSigmoidIsCappedAndInFloat() {
    assertThat(link(Link.FLOAT_SIGMOID, 0)).containsExactly(0.5);
    assertThat(link(Link.FLOAT_SIGMOID, -1000)[0])
        .isEqualTo(1f / (Glibc.expf(88.7f) + 1f + 1e-16f));
    assertThat(link(Link.FLOAT_SIGMOID, 1000)).containsExactly(1);
    assertThat(link(Link.FLOAT_SIGMOID, Double.NaN)[0]).isNaN();
  }

  @Test
  void softmaxesSumToOne() {
    for (Link link :
        new Link[] {
          Link.SOFTMAX, Link.SOFTMAX_PAIRWISE, Link.SOFTMAX_LOGSUMEXP, Link.FLOAT_SOFTMAX
        }) {
      double[] p = link(link, 1000, 999, -1000);
      assertThat(Arrays.stream(p).sum()).isCloseTo(1, within(1e-6));
      assertThat(p[0]).isCloseTo(0.7310586, within(1e-6));
      assertThat(p[2]).isZero();
    }
  }

  @Test
  void oneScoreUnderASoftmaxIsSymmetric() {
    Response response = Response.classes(Link.SOFTMAX_PAIRWISE, Rule.RAW_ABOVE_ZERO);
    assertThat(answer(response, OutputKind.PREDICT_PROBA, 1))
        .isCloseTo(Glibc.expit(2), within(1e-15));
    Response adaBoost = Response.classes(Link.ADABOOST_SOFTMAX, Rule.RAW_ABOVE_ZERO);
    assertThat(answer(adaBoost, OutputKind.PREDICT_PROBA, 1))
        .isCloseTo(Glibc.expit(1), within(1e-15));
  }

  @Test
  void linksOfBoostingLibraries() {
    assertThat(link(Link.SIGNED_SQUARE, -3, 2)).containsExactly(-9, 4);
    assertThat(link(Link.HINGE, -1, 0, 1)).containsExactly(0, 0, 1);
    assertThat(link(Link.EXP, 1)).containsExactly(Math.E);
    assertThat(link(Link.FLOAT_EXP, 1)).containsExactly((float) Math.E);
    assertThat(link(Link.LOG1P_EXP, 0)).containsExactly(StrictMath.log1p(1));
    assertThat(link(Link.SIGMOID_EACH, 0, 0, 0)).containsExactly(0.5, 0.5, 0.5);
    assertThat(link(Link.SIGMOID_NORMALISED, 0, 0, 0, 0)).containsOnly(0.25);
    assertThat(link(Link.MODIFIED_HUBER, -2, -1, -5)).containsOnly(1.0 / 3);
    assertThat(link(Link.MODIFIED_HUBER, 0.5)).containsExactly(0.75);
  }

  @Test
  void labelsFollowTheirRuleAtZero() {
    assertThat(predict(Rule.RAW_ABOVE_ZERO, 0)).isZero();
    assertThat(predict(Rule.RAW_AT_LEAST_ZERO, 0)).isEqualTo(1);
    assertThat(predict(Rule.PROBABILITY_ABOVE_HALF, 0)).isZero();
    assertThat(predict(Rule.INLIER_AT_LEAST_ZERO, -0.0)).isEqualTo(1);
    assertThat(predict(Rule.INLIER_ABOVE_ZERO, 0)).isEqualTo(-1);
    assertThat(predict(Rule.VALUE, 0)).isEqualTo(0.5);
    assertThat(predict(Rule.MOST_PROBABLE, 0)).isZero();
  }

  private static double predict(Rule rule, double raw) {
    return answer(Response.classes(Link.SIGMOID, rule), OutputKind.PREDICT, raw);
  }

  @Test
  void theFirstNanIsTheGreatest() {
    double[][] scores = {{1, Double.NaN}, {Double.NaN, 5}, {9, Double.NaN}};
    assertThat(Responses.firstGreatest(scores, 2)).containsExactly(1, 0);
  }

  @Test
  void interpolatesAsNumPyDoes() {
    double[] x = {0, 1, 1, 3};
    double[] y = {0, 10, 20, 40};
    assertThat(Interpolation.at(-1, x, y)).isZero();
    assertThat(Interpolation.at(4, x, y)).isEqualTo(40);
    assertThat(Interpolation.at(0.5, x, y)).isEqualTo(5);
    assertThat(Interpolation.at(1, x, y)).isEqualTo(20);
    assertThat(Interpolation.at(2, x, y)).isEqualTo(30);
    assertThat(Interpolation.at(Double.NaN, x, y)).isNaN();
    assertThat(Interpolation.at(7, new double[] {2}, new double[] {3})).isEqualTo(3);
  }
}
