package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scorebatch.pipeline.run.Certificates.Verdict;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String CLASSIFIER = "xgboost-3.2.0/binary/model.pkl";

  @TempDir private Path folder;
  private Connections connections = Connections.fromEnvironment();

  @BeforeEach
  void keepCertificatesHere() {
    connections =
        connections
            .withCertificates(folder.resolve("certificates"))
            .withPython(new Python(false, Optional.empty()));
  }

  @Test
  void certifiesWhatPythonRecordedInCsv() throws IOException {
    Verification.Result result = verify(CLASSIFIER, csv(CLASSIFIER, ""));
    Certificate certificate = result.certificate();
    assertThat(certificate.verdict()).isEqualTo(Verdict.EXACT);
    assertThat(certificate.kinds())
        .extracting(Certificate.Compared::kind)
        .containsExactly("predict", "predict_proba", "raw_margin");
    assertThat(certificate.cells()).isEqualTo(certificate.rows() * 4);
    assertThat(certificate.maxAbsolute()).isZero();
    assertThat(result.file())
        .isEqualTo(folder.resolve("certificates").resolve(certificate.digest() + ".json"));
    JsonNode json = JSON.readTree(result.file().toFile());
    assertThat(json.path("verdict").asText()).isEqualTo("EXACT");
    assertThat(json.path("library").asText()).isEqualTo("xgboost 3.2.0");
    assertThat(json.path("recorded_by").asText()).contains("rows.csv");
    assertThat(CertificateFolder.of(connections).verdict(certificate.digest()))
        .contains(Verdict.EXACT);
    assertThat(inspect(CLASSIFIER).verdict()).contains(Verdict.EXACT);
  }

  @Test
  void readsJsonInEveryForm() throws IOException {
    String row = "{\"f0\": 0.5, \"f1\": null, \"f2\": \"NaN\", \"f3\": 1e30, \"f4\": -0.0";
    double[] answers = {0, 0};
    for (String form :
        List.of(
            "[" + row + ", \"predict\": %s}]",
            "{\"dataframe_records\": [" + row + ", \"predict\": %s}]}",
            "{\"columns\": [\"f4\", \"f3\", \"f2\", \"f1\", \"f0\", \"prediction\"],"
                + " \"data\": [[-0.0, 1e30, NaN, null, 0.5, %s]]}",
            "{\"dataframe_split\": {\"columns\": [\"f0\",\"f1\",\"f2\",\"f3\",\"f4\",\"predict\"],"
                + " \"data\": [[0.5, null, NaN, 1e30, -0.0, %s]]}}",
            "{\"f0\": [0.5], \"f1\": [null], \"f2\": [null], \"f3\": [1e30], \"f4\": [0],"
                + " \"predict\": [%s]}")) {
      int right = 0;
      for (int label = 0; label < 2; label++) {
        Path file = folder.resolve("rows.json");
        Files.writeString(file, String.format(java.util.Locale.ROOT, form, label));
        Certificate certificate = verify(CLASSIFIER, file).certificate();
        right += certificate.verdict() == Verdict.EXACT ? 1 : 0;
        answers[label] += certificate.verdict() == Verdict.EXACT ? 1 : 0;
        assertThat(certificate.cells()).isEqualTo(1);
      }
      assertThat(right).as(form).isEqualTo(1);
    }
    assertThat(answers).contains(5, 0);
  }

  @Test
  void showsTheWorstCellWhereNumbersDiffer() throws IOException {
    Path file = csv(CLASSIFIER, "0.25");
    Certificate certificate = verify(CLASSIFIER, file).certificate();
    assertThat(certificate.verdict()).isEqualTo(Verdict.DIFFERENT);
    Certificate.Compared probabilities = certificate.kinds().get(1);
    assertThat(probabilities.exact()).isEqualTo(probabilities.cells() - 1);
    assertThat(probabilities.maxUlps()).isPositive();
    assertThat(probabilities.worst()).startsWith("row 0, 1: ").endsWith(", Python 0.25");
    assertThat(certificate.mismatchingLabels()).isZero();
  }

  @Test
  void countsLabelsThatDiffer() throws IOException {
    String model = "mlflow-3.17.2/sklearn-forest-strings/model";
    String rows = "{\"f0\":0,\"f1\":0,\"f2\":0,\"f3\":0,\"f4\":0,\"prediction\":\"nonsense\"}\n";
    Path file = folder.resolve("rows.jsonl");
    Files.writeString(file, rows);
    Certificate certificate = verify(model, file).certificate();
    assertThat(certificate.verdict()).isEqualTo(Verdict.DIFFERENT);
    assertThat(certificate.mismatchingLabels()).isEqualTo(1);
    assertThat(certificate.kinds().get(0).worst()).contains("Python nonsense");
  }

  @Test
  void linearModelsMayDifferInTheLastBits() throws IOException {
    String model = "sklearn-1.9.1/linear-regression/model.pkl";
    Path exact = csv(model, "");
    assertThat(verify(model, exact).certificate().verdict())
        .isIn(Verdict.EXACT, Verdict.WITHIN_TOLERANCE);
    List<String> lines = new ArrayList<>(Files.readAllLines(exact));
    int comma = lines.get(1).lastIndexOf(',');
    double value = Double.parseDouble(lines.get(1).substring(comma + 1));
    lines.set(1, lines.get(1).substring(0, comma + 1) + Math.nextUp(value));
    Files.write(exact, lines);
    Certificate certificate = verify(model, exact).certificate();
    assertThat(certificate.verdict()).isEqualTo(Verdict.WITHIN_TOLERANCE);
    assertThat(certificate.kinds().get(0).tolerance()).isEqualTo(1e-12);
  }

  @Test
  void saysWhatAFileLacks() throws IOException {
    Path file = folder.resolve("rows.json");
    Files.writeString(file, "[{\"f0\": 1, \"predict\": 1}]");
    assertThatThrownBy(() -> verify(CLASSIFIER, file))
        .hasMessageContaining("SB-0309")
        .hasMessageContaining("lacks the model's inputs f1, f2, f3, f4");
    Files.writeString(
        file, "[{\"f0\":1,\"f1\":1,\"f2\":1,\"f3\":1,\"f4\":1,\"predict_proba_1\":0.5}]");
    assertThatThrownBy(() -> verify(CLASSIFIER, file))
        .hasMessageContaining("only some columns of predict_proba; it lacks predict_proba_0");
    Files.writeString(file, "[{\"f0\":\"x\",\"f1\":1,\"f2\":1,\"f3\":1,\"f4\":1,\"predict\":0}]");
    assertThatThrownBy(() -> verify(CLASSIFIER, file))
        .hasMessageContaining("has 'x' in column 'f0'");
    Files.writeString(file, "[]");
    assertThatThrownBy(() -> verify(CLASSIFIER, file)).hasMessageContaining("no rows");
    Files.writeString(file, "{nonsense");
    assertThatThrownBy(() -> verify(CLASSIFIER, file)).hasMessageContaining("cannot be read");
    assertThatThrownBy(() -> verify(CLASSIFIER, folder.resolve("none.csv")))
        .hasMessageContaining("there is no such file");
  }

  @Test
  void anInputExampleHasNoAnswers() {
    String model = model("mlflow-3.17.2/sklearn-forest-input-example/model");
    assertThatThrownBy(() -> Verification.of(connections, model).run())
        .hasMessageContaining("The input example 'input_example.json' has no answers of Python")
        .hasMessageContaining("--against python");
    String without = model("mlflow-3.17.2/sklearn-forest-pickle/model");
    assertThatThrownBy(() -> Verification.of(connections, without).run())
        .hasMessageContaining("was logged without an input example");
  }

  @Test
  void pythonIsNotStartedUntilAllowed() {
    String model = model("mlflow-3.17.2/sklearn-forest-input-example/model");
    assertThatThrownBy(() -> Verification.of(connections, model).againstPython(null).run())
        .hasMessageContaining("Python is not allowed")
        .hasMessageContaining("--allow-python");
  }

  @Test
  void edgeRowsStandAtThresholdsAndBesideThem() {
    Recording rows =
        EdgeRows.with(
            inspect(CLASSIFIER).model().orElseThrow().model(),
            new Recording(List.of(), List.of(), "No rows"));
    assertThat(rows.columns()).containsExactly("f0", "f1", "f2", "f3", "f4");
    List<Double> values =
        rows.rows().stream()
            .flatMap(List::stream)
            .filter(Double.class::isInstance)
            .map(Double.class::cast)
            .toList();
    assertThat(values).contains(-0.0, 1e30, -1e30);
    assertThat(values.stream().filter(v -> values.contains(Math.nextUp(v))).count())
        .isGreaterThan(20);
    assertThat(rows.rows()).anyMatch(row -> row.contains(null));
    assertThat(rows)
        .isEqualTo(
            EdgeRows.with(
                inspect(CLASSIFIER).model().orElseThrow().model(),
                new Recording(List.of(), List.of(), "No rows")));
  }

  /** A fixture's rows and answers as CSV; the last number of the first row may be another. */
  private Path csv(String model, String otherProbability) throws IOException {
    Path fixture = Fixtures.fixture(model).resolveSibling("");
    JsonNode description = JSON.readTree(fixture.resolve("case.json").toFile());
    int rows = description.get("n_rows").intValue();
    int columns = description.get("n_cols").intValue();
    double[] input = numbers(fixture.resolve("input.f64"));
    List<StringBuilder> lines = new ArrayList<>();
    lines.add(new StringBuilder("f0"));
    for (int c = 1; c < columns; c++) {
      lines.get(0).append(",f").append(c);
    }
    for (int r = 0; r < rows; r++) {
      int from = r * columns;
      lines.add(
          new StringBuilder(
              java.util.stream.IntStream.range(from, from + columns)
                  .mapToObj(i -> text(input[i]))
                  .collect(Collectors.joining(","))));
    }
    for (String kind : List.of("predict", "raw_margin", "predict_proba")) {
      Path file = fixture.resolve("expected." + kind + ".f64");
      if (Files.exists(file)) {
        append(lines, kind, numbers(file), rows);
      }
    }
    if (!otherProbability.isEmpty()) {
      StringBuilder first = lines.get(1);
      first.setLength(first.lastIndexOf(",") + 1);
      first.append(otherProbability);
    }
    Path csv = folder.resolve("rows.csv");
    Files.write(csv, lines.stream().map(StringBuilder::toString).toList());
    return csv;
  }

  private static void append(List<StringBuilder> lines, String kind, double[] answers, int rows) {
    int width = answers.length / rows;
    for (int c = 0; c < width; c++) {
      lines.get(0).append(',').append(kind).append(width == 1 ? "" : "_" + c);
      for (int r = 0; r < rows; r++) {
        lines.get(r + 1).append(',').append(text(answers[r * width + c]));
      }
    }
  }

  private static String text(double value) {
    return Double.isInfinite(value) ? (value > 0 ? "inf" : "-inf") : Double.toString(value);
  }

  private static double[] numbers(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    double[] numbers = new double[bytes.remaining() / Double.BYTES];
    bytes.asDoubleBuffer().get(numbers);
    return numbers;
  }

  private Verification.Result verify(String fixture, Path rows) {
    return Verification.of(connections, model(fixture)).over(rows).run();
  }

  private Inspection inspect(String fixture) {
    return FeatureEngineeringClient.inspect(connections, model(fixture));
  }

  private static String model(String fixture) {
    return Fixtures.fixture(fixture).toString();
  }
}
