package io.scorebatch.pipeline.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.engine.Distribution;
import io.scorebatch.api.engine.DistributionCounter;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;

class DistancesTest {
  static Distribution spread(double... values) {
    DistributionCounter counter = new DistributionCounter();
    counter.add(values, values.length);
    return counter.distribution();
  }

  private static Distribution spread(JsonNode values) {
    return spread(
        StreamSupport.stream(values.spliterator(), false)
            .mapToDouble(value -> value.isNull() ? Double.NaN : value.asDouble())
            .toArray());
  }

  @Test
  void equalsWhatNumPyAndSciPyGive() throws IOException {
    JsonNode cases =
        new ObjectMapper().readTree(Fixtures.fixture("drift/drift.json").toFile()).path("cases");
    assertThat(cases).hasSize(10);
    for (JsonNode known : cases) {
      Distribution baseline = spread(known.path("baseline"));
      Distribution now = spread(known.path("now"));
      String name = known.path("name").asText();
      assertThat(Distances.psi(baseline, now))
          .as(name)
          .isCloseTo(known.path("psi").asDouble(), within(1e-9));
      assertThat(Distances.ks(baseline, now))
          .as(name)
          .isCloseTo(known.path("ks").asDouble(), within(1e-12));
    }
  }

  @Test
  void nothingIsNoDistance() {
    assertThat(Distances.psi(spread(), spread(1, 2))).isZero();
    assertThat(Distances.psi(spread(1, 2), spread())).isZero();
    assertThat(Distances.ks(spread(Double.NaN), spread(1))).isZero();
  }

  @Test
  void aBaselineOfMissingValuesOnlySeesValuesAppear() {
    assertThat(Distances.psi(spread(Double.NaN, Double.NaN), spread(1, 2))).isGreaterThan(9);
  }
}
