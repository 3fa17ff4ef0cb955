package io.scorebatch.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class FeatureSetFileTest {
  @Test
  void readsEverySetting() {
    FeatureSet set =
        FeatureSetFile.parse(
            """
            lookups:
              - table: main.ml.users
                keys: user_id
                features: [age, spend]
                rename_outputs: {spend: user_spend}
                default_values: {user_spend: 0.5, age: 'no'}
              - table: main.ml.balances
                keys: [user_id]
                timestamp_key: asked_at
                lookback: 7d
            functions:
              - function: main.ml.Ratio
                bindings: {a: user_spend, b: amount}
                output: ratio
                type: float
            request: {amount: 'decimal(10,2)'}
            label: churned
            exclude_columns: [user_id]
            """,
            "features.yaml");
    assertThat(set)
        .isEqualTo(
            new FeatureSet(
                List.of(
                    FeatureLookup.of("main.ml.users", List.of("user_id"))
                        .features(List.of("age", "spend"))
                        .rename(Map.of("spend", "user_spend"))
                        .defaults(Map.of("user_spend", "0.5", "age", "no")),
                    FeatureLookup.pointInTime("main.ml.balances", List.of("user_id"), "asked_at")
                        .lookback(Duration.ofDays(7))),
                List.of(
                    new FeatureFunction(
                        "main.ml.ratio",
                        Map.of("a", "user_spend", "b", "amount"),
                        "ratio",
                        Primitive.FLOAT)),
                Map.of("amount", Optional.of((ColumnType) new ColumnType.Decimal(10, 2))),
                List.of("churned"),
                List.of("user_id")));
  }

  @Test
  void tellsEverythingThatIsWrongWithItsLine() {
    ScorebatchException failure =
        catchThrowableOfType(
            ScorebatchException.class,
            () ->
                FeatureSetFile.parse(
                    """
                    lookups:
                      - table: main.ml.users
                        key: user_id
                      - table: main.ml.balances
                        keys: [user_id]
                        lookback: soon
                    request: {amount: money}
                    exclude_column: [a]
                    """,
                    "features.yaml"));
    assertThat(failure.problems().stream().map(p -> p.message()))
        .anySatisfy(m -> assertThat(m).contains("features.yaml:3", "'lookups[0].key'", "keys"))
        .anySatisfy(m -> assertThat(m).contains("'lookups[0].keys' names no column"))
        .anySatisfy(m -> assertThat(m).contains("features.yaml:6", "is 'soon'"))
        .anySatisfy(m -> assertThat(m).contains("is 'money', no type"))
        .anySatisfy(m -> assertThat(m).contains("exclude_column'; did you mean 'exclude_columns'"));
  }

  @Test
  void refusesAFileWithoutYaml() {
    assertThat(
            catchThrowableOfType(
                ScorebatchException.class, () -> FeatureSetFile.parse("", "features.yaml")))
        .hasMessageContaining("'features.yaml' holds no look-ups");
  }
}
