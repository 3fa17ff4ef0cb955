package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.client.Inspection.Support;
import io.scorebatch.pipeline.run.Certificates.Verdict;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every model of the fixtures, as {@code inspect} tells it and as {@code verify} certifies it. */
class EveryFixtureTest {
  private static final Map<String, String> LIBRARIES =
      Map.of("sklearn", "scikit-learn", "pyfunc", "python");

  /** What is refused, by the case, and a part of the reason. */
  private static final Map<String, String> REFUSED =
      Map.of(
          "sklearn-0\\..*", "Scorebatch knows 1.0 to 1.9",
          "sklearn-1\\.[24]\\..*/dummy-.*", "does not know its columns",
          "sklearn-.*/gradient-boosting-init-logistic.*", "has init=sklearn.linear_model",
          "lightgbm-.*/categorical-frame-and-codes/model.pkl",
              "which columns were pandas categories",
          "onnx-.*/future-.*", "Fix: convert the model again with target_opset");

  /**
   * Converted so that its probabilities are raw scores, which its trees do not tell; its labels
   * then are not those of the model it was made of.
   */
  private static final String RAW_SCORES = "boosting-raw-scores";

  @TempDir private Path folder;
  private final Map<Verdict, Integer> verdicts = new EnumMap<>(Verdict.class);
  private final ForeignPage page = new ForeignPage();
  private Connections connections = Connections.fromEnvironment();

  @Test
  void isToldAndCertified() throws IOException {
    connections =
        connections
            .withCertificates(folder.resolve("certificates"))
            .withPython(new Python(false, Optional.empty()));
    List<String> wrong = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (FixtureModel fixture : FixtureModel.all()) {
      // Picklers differ in what the artifact room reads, which compares them all.
      if (seen.add(fixture.folder() + fixture.wrapper() + fixture.format())) {
        String problem;
        try {
          problem = problem(fixture);
        } catch (ScorebatchException e) {
          problem = e.problem().message();
        }
        if (!problem.isEmpty()) {
          wrong.add(fixture + ": " + problem);
        }
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(verdicts.get(Verdict.EXACT)).isGreaterThan(1200);
    assertThat(verdicts.get(Verdict.WITHIN_TOLERANCE)).isPositive();
    page.checkOrUpdate(Fixtures.root().resolve("docs/foreign-models.md"));
  }

  /** What is wrong with a fixture; empty where nothing is. */
  private String problem(FixtureModel fixture) throws IOException {
    Path path = fixture.model(folder);
    Inspection found = FeatureEngineeringClient.inspect(connections, path.toString());
    for (Map.Entry<String, String> refused : REFUSED.entrySet()) {
      if (fixture.toString().split(" as ")[0].matches(refused.getKey() + ".*")) {
        page.refused(fixture);
        return found.support() == Support.REFUSED && found.why().contains(refused.getValue())
            ? ""
            : found.support() + " " + found.why();
      }
    }
    String problem = told(fixture, found);
    if (!problem.isEmpty() || found.support() == Support.PYTHON || fixture.kinds().isEmpty()) {
      return problem;
    }
    return certified(fixture, path, found);
  }

  private static String told(FixtureModel fixture, Inspection found) {
    boolean pyfunc = fixture.library().equals("pyfunc");
    Support expected =
        pyfunc ? Support.PYTHON : fixture.isForeign() ? Support.RUNTIME : Support.NATIVE;
    if (found.support() != expected) {
      return found.support() + " " + found.why();
    }
    boolean explained = found.why().isEmpty() ? !pyfunc : pyfunc;
    ModelPackage model = found.model().orElseThrow();
    boolean structured = expected == Support.NATIVE ? !found.structure().isEmpty() : true;
    if (!explained
        || !structured
        || found.inputs().isEmpty()
        || model.digest().length() != 64
        || model.sizeBytes() <= 0) {
      return "hollow: " + InspectionJson.print(found);
    }
    return told(fixture, model.model());
  }

  private static String told(FixtureModel fixture, Model model) {
    String library = LIBRARIES.getOrDefault(fixture.library(), fixture.library());
    if (!model.origin().library().equals(library)) {
      return "library " + model.origin().library();
    }
    // A LightGBM text says nothing of its release, an ONNX file only what it needs.
    String version = model.origin().version();
    boolean right =
        switch (library) {
          case "python" -> !version.isEmpty();
          case "onnx" -> version.startsWith("opset ");
          case "lightgbm" -> version.equals(fixture.version()) || version.equals("unknown");
          default -> version.equals(fixture.version());
        };
    if (!right) {
      return "version " + version;
    }
    Set<String> kinds = new TreeSet<>();
    if (fixture.toString().contains(RAW_SCORES)) {
      kinds.add("decision_function");
    }
    model.outputKinds().stream().map(OutputKind::configName).forEach(kinds::add);
    return kinds.containsAll(fixture.kinds()) ? "" : "kinds " + kinds;
  }

  private String certified(FixtureModel fixture, Path path, Inspection found) throws IOException {
    Model model = found.model().orElseThrow().model();
    Path rows = folder.resolve("rows.json");
    String predict = fixture.isPyfunc() ? "prediction" : "predict";
    fixture.record(model.inputs(), fixture.answers(), predict, rows);
    Certificate certificate = verify(path, rows);
    page.add(fixture, certificate, fixture.library().equals("onnx") ? "onnxruntime" : "itself");
    JsonNode trained = fixture.description().path("trained");
    if (certificate.verdict() != Verdict.DIFFERENT && !trained.isEmpty()) {
      fixture.record(model.inputs(), trained, predict, rows);
      Certificate converted = verify(path, rows);
      if (fixture.toString().contains(RAW_SCORES)) {
        return converted.mismatchingLabels() == 0 ? "its labels are right after all" : "";
      }
      certificate = converted;
      page.add(fixture, certificate, "the trained model");
    }
    verdicts.merge(certificate.verdict(), 1, Integer::sum);
    return certificate.verdict() == Verdict.DIFFERENT ? certificate.kinds().toString() : "";
  }

  private Certificate verify(Path path, Path rows) {
    return Verification.of(connections, path.toString()).over(rows).run().certificate();
  }
}
