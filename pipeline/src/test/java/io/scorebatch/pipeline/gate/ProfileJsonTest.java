package io.scorebatch.pipeline.gate;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.engine.Distribution;
import io.scorebatch.api.engine.DistributionCounter;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class ProfileJsonTest {
  @Test
  void tellsRowsPositivesAndBins() {
    BatchProfile profile =
        new BatchProfile(
            "churn",
            3,
            true,
            OptionalLong.of(1),
            Optional.of(DistancesTest.spread(1, 2, Double.NaN)),
            Map.of("spend", DistancesTest.spread(0, 0, 4)));
    assertThat(ProfileJson.print(profile))
        .isEqualTo(
            "{\"format\":1,\"model_name\":\"churn\",\"rows\":3,\"whole\":true,\"positives\":1,\"predictions\":{\"missing\":1,"
                + "\"min\":\"1.0\",\"max\":\"2.0\",\"sum\":\"3.0\",\"bins\":{\"8185\":1,\"8193\":1}},"
                + "\"inputs\":{\"spend\":{\"missing\":0,\"min\":\"0.0\",\"max\":\"4.0\",\"sum\":\"4.0\","
                + "\"bins\":{\"0\":2,\"8201\":1}}}}");
  }

  @Property(tries = 200)
  void readsBackWhatItWrote(@ForAll double[] values, @ForAll boolean whole) {
    DistributionCounter counter = new DistributionCounter();
    counter.add(values, values.length);
    Distribution spread = counter.distribution();
    BatchProfile profile =
        new BatchProfile(
            "churn",
            values.length,
            whole,
            OptionalLong.empty(),
            Optional.of(spread),
            Map.of("x", spread));
    assertThat(ProfileJson.parse(ProfileJson.print(profile))).contains(profile);
  }

  @Test
  void takesNothingElseForAProfile() {
    assertThat(ProfileJson.parse("")).isEmpty();
    assertThat(ProfileJson.parse("{\"format\": 2, \"rows\": 1}")).isEmpty();
    assertThat(ProfileJson.parse("{\"format\": 1, \"rows\": 1, \"predictions\": {\"min\": \"?\"}}"))
        .isEmpty();
    assertThat(ProfileJson.parse("not json")).isEmpty();
  }
}
