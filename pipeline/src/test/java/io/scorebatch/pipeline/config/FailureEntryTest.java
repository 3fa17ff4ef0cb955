package io.scorebatch.pipeline.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorKind;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.pipeline.config.BadRows.Budget;
import io.scorebatch.pipeline.config.Fallback.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FailureEntryTest {
  private static ModelSpec model(String settings) {
    String text =
        """
        version: 1
        catalog: main
        schema: ml
        models:
          - model_name: m
            feature_table: f
            id_columns: [k]
            output_table: o
            model_type: raw
        """
            + settings.indent(4);
    return PipelineFile.parse(text, "p.yaml", Path.of(".")).models().get(0);
  }

  @Test
  void aModelThatSaysNothingFailsAtOnce() {
    assertThat(model("").onFailure()).isEqualTo(OnFailure.FAIL);
    assertThat(model("fallback: none").onFailure()).isEqualTo(OnFailure.FAIL);
    assertThat(model("").badRows()).isEqualTo(BadRows.FAIL);
  }

  @Test
  void oneFallbackNeedsNoList() {
    assertThat(model("fallback: manual").onFailure().fallbacks())
        .containsExactly(
            new Fallback(Method.MANUAL, Fallback.USUAL, 1, Optional.empty(), Optional.empty()));
  }

  @Test
  void readsAChainEachLinkWithItsBudget() {
    OnFailure chain =
        model(
                """
                retries: 2
                timeout: 10m
                fallback:
                  - previous_version: {on: [model, gate], max_missing: 5%}
                  - manual
                  - last_good: {max_missing: 0.1, max_age: 7d}
                  - constant: 0
                """)
            .onFailure();
    assertThat(chain.retries()).isEqualTo(2);
    assertThat(chain.timeout()).contains(Duration.ofMinutes(10));
    assertThat(chain.fallbacks())
        .containsExactly(
            new Fallback(
                Method.PREVIOUS_VERSION,
                Set.of(ErrorKind.MODEL, ErrorKind.GATE),
                0.05,
                Optional.empty(),
                Optional.empty()),
            new Fallback(Method.MANUAL, Fallback.USUAL, 1, Optional.empty(), Optional.empty()),
            new Fallback(
                Method.LAST_GOOD,
                Fallback.USUAL,
                0.1,
                Optional.of(Duration.ofDays(7)),
                Optional.empty()),
            new Fallback(Method.CONSTANT, Fallback.USUAL, 1, Optional.empty(), Optional.of("0")));
    assertThat(chain.has(Method.LAST_GOOD)).isTrue();
    assertThat(model("fallback: [last_good]").onFailure().fallbacks().get(0).maxMissing()).isZero();
  }

  @Test
  void theWordNullIsAnActionForBadRows() {
    BadRows rule = model("on_bad_row: null").badRows();
    assertThat(rule.action()).isEqualTo(OnBadRow.NULL);
    assertThat(rule.budget()).contains(Budget.USUAL);
    assertThat(rule.quarantine()).isTrue();
    assertThat(model("on_bad_row: 'null'").badRows()).isEqualTo(rule);
  }

  @Test
  void aBudgetIsANumberOfRowsOrAShare() {
    assertThat(model("on_bad_row: skip\nmax_bad_rows: 1").badRows().budget())
        .contains(new Budget(1, false));
    assertThat(model("on_bad_row: skip\nmax_bad_rows: 1%").badRows().budget())
        .contains(new Budget(0.01, true));
    assertThat(model("on_bad_row: skip\nmax_bad_rows: 0.5\nquarantine: false").badRows())
        .isEqualTo(new BadRows(OnBadRow.SKIP, Optional.of(new Budget(0.5, true)), false));
  }

  @Test
  void saysWhatIsWrongWithEach() {
    assertThatThrownBy(
            () ->
                model(
                    """
                    retries: -1
                    timeout: 0s
                    on_bad_row: drop
                    max_bad_rows: many
                    fallback:
                      - lastgood
                      - manual: {on: [config]}
                      - manual
                      - constant
                      - last_good: {max_missing: 200%, max_ages: 1d}
                    """))
        .hasMessageContaining("'models[0].retries' is '-1'.")
        .hasMessageContaining("'models[0].timeout' is no time at all.")
        .hasMessageContaining("'models[0].on_bad_row' is 'drop'")
        .hasMessageContaining("'models[0].max_bad_rows' is 'many'.")
        .hasMessageContaining("'models[0].fallback' has 'lastgood'; did you mean 'last_good'?")
        .hasMessageContaining("'models[0].fallback[1].manual.on' has 'config'.")
        .hasMessageContaining("'models[0].fallback' names manual twice.")
        .hasMessageContaining("'models[0].fallback[3].constant' has no value.")
        .hasMessageContaining("'models[0].fallback[4].last_good.max_missing' is '200%'.")
        .hasMessageContaining(
            "unknown key 'models[0].fallback[4].last_good.max_ages'; did you mean");
  }
}
