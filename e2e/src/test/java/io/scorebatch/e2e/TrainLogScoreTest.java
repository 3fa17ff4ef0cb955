package io.scorebatch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.client.Connections;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.client.TableDefinition;
import io.scorebatch.testing.Fixtures;
import io.scorebatch.testing.PythonEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The way of docs/log-model.md: join, train in Python, give look-ups, score by keys. */
class TrainLogScoreTest {
  private static final String LOOKUP =
      "main.ml.activity:user_id@asked_at:visits,spend+lookback=30d";

  @TempDir private Path folder = Path.of(".");

  @BeforeEach
  void writeTables() throws IOException {
    Files.createDirectories(folder.resolve("tables"));
    try (FeatureEngineeringClient client =
        FeatureEngineeringClient.connect(
            Connections.fromEnvironment()
                .withoutStores()
                .withTables(folder.resolve("tables").toString()))) {
      client.createTable(
          new TableDefinition(
              "main.ml.activity", List.of("user_id", "ts"), "ts", "Activity by day.", Map.of()),
          "SELECT u AS user_id, TIMESTAMPTZ '2024-01-01 00:00:00+00' + to_days(d::INT) AS ts,"
              + " ((u * 7 + d * 13) % 29)::DOUBLE AS visits,"
              + " ((u * 31 + d * 17) % 101) / 7.0::DOUBLE AS spend"
              + " FROM range(1, 121) AS a(u), range(0, 20) AS b(d)");
    }
    StringBuilder labels = new StringBuilder("user_id,asked_at,amount,churned\n");
    for (int user = 1; user <= 120; user++) {
      labels.append(user).append(",2024-01-").append(String.format("%02d", 2 + user % 18));
      labels.append("T12:00:00Z,").append((user * 37 % 53) / 3.0).append(',');
      labels.append(user * 11 % 7 < 3 ? 1 : 0).append('\n');
    }
    Files.writeString(folder.resolve("labels.csv"), labels);
  }

  private PackagedProgram.Result scorebatch(String... arguments) {
    PackagedProgram.Result result =
        PackagedProgram.run(
            folder,
            Map.of("SCOREBATCH_TABLES", "./tables", "MLFLOW_REGISTRY_URI", "sqlite:///mlflow.db"),
            arguments);
    assertThat(result.err()).isEmpty();
    assertThat(result.exitCode()).isZero();
    return result;
  }

  @Test
  void aModelTrainedInPythonIsScoredByKeysBitForBit() throws IOException {
    Path scripts = Fixtures.root().resolve("e2e/src/test/python");
    PythonEnvironment python =
        PythonEnvironment.require(
            scripts.resolve("requirements-mlflow.txt"), TrainLogScoreTest.class);
    PackagedProgram.Result joined =
        scorebatch(
            "training-set",
            "--labels",
            "labels.csv",
            "--lookup",
            LOOKUP,
            "--label",
            "churned",
            "--to",
            "training.parquet");
    assertThat(joined.out())
        .contains("120 rows in training.parquet")
        .contains("main.ml.activity version 0: 120 found, 0 missing");
    python.run(
        scripts.resolve("train_churn.py"),
        folder.resolve("training.parquet").toString(),
        folder.toRealPath().toString());
    PackagedProgram.Result logged =
        scorebatch(
            "log-model",
            "model.pkl",
            "--name",
            "churn",
            "--lookup",
            LOOKUP,
            "--request",
            "amount:double",
            "--label",
            "churned",
            "--alias",
            "champion");
    assertThat(logged.out())
        .contains("models:/churn/1 (alias champion) in the MLflow database")
        .contains("keys: user_id, asked_at, amount");
    scorebatch(
        "score",
        "models:/churn@champion",
        "--keys",
        "labels.csv",
        "--model-type",
        "classification",
        "--to",
        "predictions.csv");
    assertThat(predictions()).hasSize(120).isEqualTo(direct());
    assertThat(
            python.run(
                scripts.resolve("read_version.py"),
                "sqlite:///" + folder.toRealPath().resolve("mlflow.db"),
                "churn",
                "champion"))
        .contains("version 1 loader databricks.feature_store.mlflow_model predicts 1");
  }

  private Map<Long, Double> direct() throws IOException {
    Map<Long, Double> answers = new LinkedHashMap<>();
    for (String line : Files.readAllLines(folder.resolve("direct.csv"))) {
      String[] parts = line.split(",");
      answers.put(Long.valueOf(parts[0]), Double.valueOf(parts[1]));
    }
    return answers;
  }

  private Map<Long, Double> predictions() throws IOException {
    List<String> lines = Files.readAllLines(folder.resolve("predictions.csv"));
    List<String> header = List.of(lines.get(0).split(","));
    Map<Long, Double> answers = new LinkedHashMap<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] parts = line.split(",");
      answers.put(
          Long.valueOf(parts[header.indexOf("user_id")]),
          Double.valueOf(parts[header.indexOf("prediction")]));
    }
    return answers;
  }

  @Test
  void whatDoesNotFitIsToldByCommandWithItsFix() {
    PackagedProgram.Result result =
        PackagedProgram.run(
            folder,
            Map.of("SCOREBATCH_TABLES", "./tables"),
            "training-set",
            "--labels",
            "labels.csv",
            "--lookup",
            "main.ml.activity:user_id",
            "--to",
            "training.parquet");
    assertThat(result.exitCode()).isEqualTo(1);
    assertThat(result.err()).contains("is a time series by 'ts'").contains("fix: ");
    assertThat(
            PackagedProgram.run(
                    folder,
                    Map.of("SCOREBATCH_TABLES", "./tables"),
                    "log-model",
                    "model.pkl",
                    "--name",
                    "churn",
                    "--lookup",
                    "main.ml.activity")
                .err())
        .contains("SB-0100")
        .contains("TABLE:KEY,…[@TIMESTAMP_KEY][:FEATURE,…][+lookback=1d]");
  }
}
