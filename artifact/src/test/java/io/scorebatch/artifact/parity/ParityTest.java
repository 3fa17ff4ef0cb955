package io.scorebatch.artifact.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.artifact.ArtifactReader;
import io.scorebatch.artifact.sklearn.SklearnTranslator;
import io.scorebatch.kernel.NativeScorerFactory;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Every model fixture against what Python answered: bit for bit where Python's answer is one value,
 * within a stated tolerance elsewhere, labels always equal. What is not scored natively is in
 * {@code refused.txt}, what differs in a last bit without need in {@code inexact.txt}, and known
 * defects in {@code differing.txt}; nothing is left out silently.
 */
class ParityTest {
  /** Relative to the row's scale: what sums of another order (BLAS) and NumPy's log may differ. */
  private static final double TOLERANCE = 1e-12;

  private static final Map<String, Double> SPECIAL_VALUES =
      Map.of(
          "NaN", Double.NaN,
          "Infinity", Double.POSITIVE_INFINITY,
          "-Infinity", Double.NEGATIVE_INFINITY,
          "1e39 (above the float32 range)", 1e39);

  private static final String WHOLE_MODEL = "*";
  private static final ParityReport REPORT = new ParityReport();
  private static final Notes REFUSALS = new Notes("refused.txt");
  private static final Notes INEXACT = new Notes("inexact.txt");
  private static final Notes TOLERANCES = new Notes("tolerances.txt");
  private static final Notes DIFFERING = new Notes("differing.txt");

  private final ArtifactReader reader = new ArtifactReader();
  private final NativeScorerFactory scorers = new NativeScorerFactory();

  @TestFactory
  Stream<DynamicTest> answersAsPythonDoes() {
    return FixtureCase.all().stream()
        .map(entry -> dynamicTest(entry.toString(), () -> check(entry)));
  }

  @AfterAll
  static void writesTheReportAndKeepsTheListShort() throws IOException {
    Path report = Fixtures.root().resolve("artifact/target/parity.json");
    REPORT.write(report);
    ModelsPage.checkOrUpdate(Fixtures.root().resolve("docs/models.md"), report);
    assertThat(REFUSALS.unmet()).as("lines of refused.txt that refuse nothing").isEmpty();
    assertThat(DIFFERING.unmet()).as("lines of differing.txt that no file needs").isEmpty();
    assertThat(TOLERANCES.unmet()).as("lines of tolerances.txt that no file needs").isEmpty();
    assertThat(INEXACT.unmet()).as("lines of inexact.txt that no file needs").isEmpty();
  }

  @Test
  void allLibrariesAndVersionsAreThere() {
    assertThat(FixtureCase.all().stream().map(e -> e.fixture().library()).distinct())
        .containsExactlyInAnyOrder("sklearn", "xgboost", "lightgbm", "mlflow");
    assertThat(FixtureCase.all()).hasSizeGreaterThan(1500);
  }

  /** A class that was never compared with Python is not supported, so it is not translated. */
  @Test
  void everyClassThatIsTranslatedIsCompared() {
    Set<String> compared =
        FixtureCase.all().stream()
            .map(FixtureCase.Entry::fixture)
            .filter(fixture -> fixture.library().equals("sklearn"))
            .map(fixture -> fixture.description().path("estimator").asText())
            .collect(Collectors.toSet());
    assertThat(compared).containsAll(new SklearnTranslator(Map.of()).classes());
  }

  private void check(FixtureCase.Entry entry) {
    Optional<String> refusal = REFUSALS.expected(entry.key(), WHOLE_MODEL);
    ModelPackage read;
    try {
      read = read(entry);
    } catch (ScorebatchException e) {
      requireExpected(entry, WHOLE_MODEL, refusal, e.getMessage());
      return;
    }
    Model model = read.model();
    if (model.structure() instanceof ForeignModel foreign) {
      requireExpected(
          entry, WHOLE_MODEL, refusal, String.valueOf(foreign.attributes().get("reason")));
      return;
    }
    assertThat(refusal).as("refused.txt lists %s, which is scored", entry).isEmpty();
    ColumnBlock input = entry.fixture().input(model.inputs());
    entry
        .expected()
        .properties()
        .forEach(kind -> compare(entry, read, kind.getKey(), kind.getValue(), input));
    checkRejections(entry, model, input);
  }

  private ModelPackage read(FixtureCase.Entry entry) {
    return Files.isDirectory(entry.file())
        ? reader.read(entry.file())
        : reader.readFile(
            entry.file(),
            entry.wrapper().startsWith("xgboost") ? entry.wrapper() : null,
            entry.fixture().textColumns());
  }

  private void compare(
      FixtureCase.Entry entry,
      ModelPackage read,
      String kindName,
      JsonNode expected,
      ColumnBlock input) {
    Model model = read.model();
    // A pyfunc's predict is whatever the model was logged to answer.
    OutputKind kind =
        entry.wrapper().startsWith("mlflow.pyfunc")
            ? read.requirePythonOutput()
            : OutputKind.parse(kindName).orElseThrow();
    Optional<String> refusal = REFUSALS.expected(entry.key(), kindName);
    if (!model.outputKinds().contains(kind)) {
      requireExpected(entry, kindName, refusal, "not among " + new TreeSet<>(model.outputKinds()));
      return;
    }
    assertThat(refusal)
        .as("refused.txt lists %s of %s, which is scored", kindName, entry)
        .isEmpty();
    try (Scorer scorer = scorers.create(model, List.of(kind))) {
      Comparison comparison =
          Comparison.of(
              entry.fixture(),
              kindName,
              expected,
              expected.get("exact").booleanValue()
                  && INEXACT.expected(entry.key(), kindName).isEmpty(),
              scorer,
              input,
              TOLERANCES
                  .expected(entry.key(), kindName)
                  .map(stated -> Double.parseDouble(stated.substring(0, stated.indexOf(':'))))
                  .orElse(TOLERANCE));
      Optional<String> difference = DIFFERING.expected(entry.key(), kindName);
      if (difference.isPresent()) {
        assertThat(comparison.passes())
            .as("differing.txt lists %s of %s, which is right", kindName, entry)
            .isFalse();
        REPORT.addRefused(entry, kindName, "differs from Python: " + difference.orElseThrow());
        return;
      }
      assertThat(comparison.passes())
          .as(
              "%s of %s: %s of %s cells equal, greatest difference %s in %s",
              kindName,
              entry,
              comparison.exact(),
              comparison.cells(),
              comparison.greatest(),
              comparison.worst())
          .isTrue();
      REPORT.add(entry, comparison);
    }
  }

  /** What Python refuses to score is refused here too, in whatever column it stands. */
  private void checkRejections(FixtureCase.Entry entry, Model model, ColumnBlock input) {
    Map<String, JsonNode> rejected = entry.fixture().rejected();
    // Where even random rows are refused a special value is not what they were refused for.
    if (!entry.fixture().isMatrix() || rejected.containsKey("random")) {
      return;
    }
    OutputKind kind = model.outputKinds().stream().sorted().findFirst().orElseThrow();
    for (Map.Entry<String, JsonNode> group : rejected.entrySet()) {
      Double value = SPECIAL_VALUES.get(group.getKey());
      Optional<String> accepted = REFUSALS.expected(entry.key(), "accepts " + group.getKey());
      if (value == null || accepted.isPresent()) {
        continue;
      }
      double[][] row = new double[input.columns()][1];
      for (int c = 0; c < row.length; c++) {
        row[c][0] = value;
      }
      ColumnBlock block = new FixtureCase.Block(1, row, new String[row.length][]);
      try (Scorer scorer = scorers.create(model, List.of(kind))) {
        double[][] answers = new double[scorer.outputs().size()][1];
        assertThatThrownBy(() -> scorer.score(block, new Numbers(answers)))
            .as("%s: %s, which Python refuses: %s", entry, group.getKey(), group.getValue())
            .isInstanceOf(RejectedValueException.class);
      }
    }
  }

  private record Numbers(double[][] columns) implements io.scorebatch.api.model.ScoreBlock {
    @Override
    public double[] numbers(int column) {
      return columns[column];
    }

    @Override
    public String[] texts(int column) {
      return new String[1];
    }
  }

  private static void requireExpected(
      FixtureCase.Entry entry, String kind, Optional<String> expected, String message) {
    if (expected.isEmpty()) {
      fail("%s (%s) is refused, which refused.txt does not say: %s", entry, kind, message);
    }
    assertThat(message).as("refusal of %s", entry).contains(expected.orElseThrow());
    REPORT.addRefused(entry, kind, message);
  }
}
