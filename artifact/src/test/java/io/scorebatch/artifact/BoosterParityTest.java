package io.scorebatch.artifact;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Model;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every XGBoost and LightGBM fixture, in every format and as every class: the same raw scores. */
class BoosterParityTest {
  private final ArtifactReader reader = new ArtifactReader();

  static Stream<BoosterFixture.Entry> boosters() {
    return Stream.of("xgboost", "lightgbm").flatMap(BoosterFixture::entries);
  }

  @ParameterizedTest
  @MethodSource("boosters")
  void sumsTreesToPythonsBits(BoosterFixture.Entry entry) {
    Model model;
    try {
      model = reader.readFile(entry.file(), entry.wrapper(), entry.fixture().textColumns()).model();
    } catch (ScorebatchException e) {
      assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNSUPPORTED);
      assertThat(entry.toString()).contains("multi-label");
      assertThat(e).hasMessageContaining("independent labels");
      return;
    }
    double[] expected = entry.expected("raw_margin");
    List<Object[]> rows = entry.fixture().rows(model.inputs());
    int width = expected.length / rows.size();
    for (int i = 0; i < rows.size(); i++) {
      double[] raw = PlainScores.raw((Estimator) model.structure(), rows.get(i));
      assertThat(raw).as(entry.toString()).hasSize(width);
      for (int k = 0; k < width; k++) {
        assertThat(raw[k])
            .as("%s, row %s, output %s", entry, i, k)
            .isEqualTo(Double.valueOf(expected[i * width + k]));
      }
    }
  }
}
