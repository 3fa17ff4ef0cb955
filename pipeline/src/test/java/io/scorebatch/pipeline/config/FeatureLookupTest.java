package io.scorebatch.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureLookupTest {
  @Test
  void readsTheShortAndTheLongForm() {
    assertThat(FeatureLookup.parse("main.ml.users:user_id"))
        .isEqualTo(FeatureLookup.of("main.ml.users", List.of("user_id")));
    assertThat(FeatureLookup.parse("users:id, day@asked_at:age,spend+lookback=1.5d"))
        .isEqualTo(
            new FeatureLookup(
                "users",
                List.of("id", "day"),
                "asked_at",
                List.of("age", "spend"),
                Map.of(),
                Map.of(),
                Duration.ofHours(36)));
    assertThat(FeatureLookup.parse("t:id@ts+lookback=0s").lookback()).isEqualTo(Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "users",
        "users:",
        ":id",
        "users:id:",
        "users:id,,day",
        "users:id@",
        "users:id@a@b",
        "users:id:a:b",
        "users:id+lookback=1d",
        "users:id@ts+lookback=1 week",
        "users:id@ts+lookback="
      })
  void refusesWhatIsNoLookupWithTheForm(String text) {
    assertThatThrownBy(() -> FeatureLookup.parse(text))
        .hasMessageContaining("is no feature look-up")
        .hasMessageContaining("TABLE:KEY,…[@TIMESTAMP_KEY][:FEATURE,…][+lookback=1d]");
  }
}
