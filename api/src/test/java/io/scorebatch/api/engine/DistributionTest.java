package io.scorebatch.api.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

final class DistributionTest {
  private static Distribution of(double... values) {
    DistributionCounter counter = new DistributionCounter();
    counter.add(values, values.length);
    return counter.distribution();
  }

  @Test
  void aPowerOfTwoIsCutIntoEight() {
    Distribution found = of(1, 1.124, 1.125, 1.999, 2, 2.25);
    assertThat(found.bins().values()).containsExactly(2L, 1L, 1L, 1L, 1L);
    assertThat(found.bins().keySet().stream().map(Distribution::bound))
        .containsExactly(1.0, 1.125, 1.875, 2.0, 2.25);
  }

  @Test
  void zerosAreOneBinAndSignsAreApart() {
    Distribution found = of(0.0, -0.0, -1, 1, Double.MIN_VALUE, -Double.MIN_VALUE);
    assertThat(found.bins().get(0)).isEqualTo(2);
    assertThat(found.bins().values()).containsExactly(1L, 1L, 2L, 1L, 1L);
    assertThat(found.bins().keySet().stream().map(Distribution::bound))
        .containsExactly(-1.0, -0.0, 0.0, 0.0, 1.0);
  }

  @Test
  void infinitiesAreCountedButNotSummed() {
    Distribution found = of(Double.NEGATIVE_INFINITY, 2, Double.POSITIVE_INFINITY, 3);
    assertThat(found.count()).isEqualTo(4);
    assertThat(found.min()).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(found.max()).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(found.sum()).isEqualTo(5);
    assertThat(Distribution.bound(found.bins().lastKey())).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void nothingButGapsHasNeitherLeastNorGreatest() {
    Distribution found = of(Double.NaN, Double.NaN);
    assertThat(found.missing()).isEqualTo(2);
    assertThat(found.count()).isZero();
    assertThat(found.min()).isNaN();
    assertThat(found.max()).isNaN();
    assertThat(found.sum()).isZero();
    assertThat(found.plus(of(4)).min()).isEqualTo(4);
    assertThat(of(4).plus(found).max()).isEqualTo(4);
  }

  @Test
  void onlyTheFirstValuesOfAnArrayAreCounted() {
    DistributionCounter counter = new DistributionCounter();
    counter.add(new double[] {1, 2, 3}, 2);
    assertThat(counter.distribution().count()).isEqualTo(2);
  }

  @Property
  void everyValueLiesInItsBin(@ForAll double value) {
    Map.Entry<Integer, Long> only = of(value).bins().entrySet().iterator().next();
    double nearest = Distribution.bound(only.getKey());
    int next = only.getKey() + (value < 0 ? -1 : 1);
    assertThat(Math.abs(nearest)).isLessThanOrEqualTo(Math.abs(value));
    if (value != 0) {
      assertThat(Math.abs(value)).isLessThan(Math.abs(Distribution.bound(next)));
    }
  }

  @Property(tries = 200)
  void partsAddUpToTheWhole(@ForAll double[] one, @ForAll double[] other) {
    double[] all = Arrays.copyOf(one, one.length + other.length);
    System.arraycopy(other, 0, all, one.length, other.length);
    Distribution whole = of(all);
    Distribution parts = of(one).plus(of(other));
    assertThat(parts.bins()).isEqualTo(whole.bins());
    assertThat(parts.missing()).isEqualTo(whole.missing());
    assertThat(parts.min()).isEqualTo(Double.valueOf(whole.min()));
    assertThat(parts.max()).isEqualTo(Double.valueOf(whole.max()));
    assertThat(whole.count() + whole.missing()).isEqualTo(all.length);
  }
}
