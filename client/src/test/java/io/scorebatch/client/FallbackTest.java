package io.scorebatch.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.run.Attempt;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Schema;
import io.scorebatch.pipeline.run.RunScope;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What stands in for a model that fails, how often it is tried, and how long it may take. */
class FallbackTest {
  @TempDir private Path folder;
  private SmallLake lake = SmallLake.of(Path.of("."));

  @BeforeEach
  void open() {
    lake = SmallLake.of(folder);
    lake.write("f", "SELECT i AS id, 1.0 * i AS v, 0.0 AS w FROM range(4) t(i)");
  }

  @AfterEach
  void close() {
    lake.close();
  }

  private ModelResult attempt(String settings) {
    return lake.attempt(settings, RunScope.USUAL);
  }

  private List<String> table() {
    return lake.rows("SELECT id, prediction, prediction_source, model_version FROM main.ml.p");
  }

  @Test
  void aModelThatWorksSaysSoInItsRows() {
    ModelResult result = lake.run("fallback: [last_good]");
    assertThat(result.method()).isEqualTo("score_batch");
    assertThat(result.audit().attempts()).isEmpty();
    assertThat(table())
        .containsExactly(
            "0,1000.0,model,1", "1,1001.0,model,1", "2,1002.0,model,1", "3,1003.0,model,1");
  }

  @Test
  void withoutAChainThereIsNoSuchColumn() {
    lake.run("");
    assertThat(lake.predictionTable().schema().find("prediction_source")).isEmpty();
  }

  @Test
  void theVersionBeforeStandsIn() {
    lake.modelVersion(3);
    lake.breakVersion(3);
    ModelResult result = attempt("fallback: [previous_version, {constant: 0}]");
    assertThat(result.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(result.method()).isEqualTo("previous_version");
    assertThat(result.modelVersion()).isEqualTo(OptionalInt.of(2));
    assertThat(result.modelDigest()).isEqualTo("digest-of-2");
    assertThat(result.problems()).extracting(Problem::what).containsExactly("Version 3 is broken.");
    assertThat(result.notes())
        .contains("score_batch failed, so the fallback 'previous_version' was used");
    assertThat(result.audit().attempts())
        .extracting(Attempt::method)
        .containsExactly("score_batch");
    assertThat(table()).contains("1,2001.0,previous_version,2");
    assertThat(lake.properties())
        .containsEntry("scorebatch.method", "previous_version")
        .containsEntry("scorebatch.model_version", "2");
  }

  @Test
  void theRowsOwnFeaturesStandInForThoseOfTheModelsTables() {
    lake.write("other", "SELECT i AS id, 7.0 AS v, 1.0 AS w FROM range(2) t(i)");
    lake.write("f", "SELECT * FROM main.ml.f UNION ALL SELECT 0, 9.0, 9.0");
    ModelResult result = attempt("source: {table: other}\nfallback: [manual]");
    assertThat(result.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(result.problems())
        .extracting(Problem::code)
        .containsExactly(ErrorCode.DUPLICATE_KEY);
    assertThat(table()).containsExactly("0,1009.0,manual,1", "1,1009.0,manual,1");
  }

  @Test
  void lastGoodPredictionsStandInWithinTheirBudget() {
    lake.run("fallback: [last_good]");
    lake.breakVersion(1);
    lake.write("f", "SELECT i AS id, 5.0 AS v, 5.0 AS w FROM range(1, 5) t(i)");
    ModelResult refused = attempt("fallback: [last_good]");
    assertThat(refused.status()).isEqualTo(ModelStatus.FAILED);
    assertThat(refused.problems())
        .extracting(Problem::what)
        .containsExactly(
            "Version 1 is broken.",
            "The fallback 'last_good' leaves 25.00 % of the rows without a prediction; wanted at"
                + " most 0.00 %.");
    assertThat(lake.predictionTable().version()).isZero();
    ModelResult result = attempt("fallback: [{last_good: {max_missing: 25%}}]");
    assertThat(result.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(result.method()).isEqualTo("last_good");
    assertThat(result.audit().profile()).isEmpty();
    assertThat(table())
        .containsExactly(
            "1,1001.0,last_good,1",
            "2,1002.0,last_good,1",
            "3,1003.0,last_good,1",
            "4,null,null,null");
  }

  @Test
  void aConstantFillsWhatTheTableDoesNotHold() {
    lake.run("fallback: [last_good, {constant: -1}]");
    lake.breakVersion(1);
    lake.write("f", "SELECT i AS id, 5.0 AS v, 5.0 AS w FROM range(2, 5) t(i)");
    ModelResult result = attempt("fallback: [{last_good: {max_missing: 50%}}, {constant: -1}]");
    assertThat(result.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(table())
        .containsExactly("2,1002.0,last_good,1", "3,1003.0,last_good,1", "4,-1.0,constant,null");
  }

  @Test
  void predictionsThatAreTooOldAreNoGoodOnes() {
    lake.run("fallback: [last_good]");
    lake.breakVersion(1);
    ModelResult result = attempt("fallback: [{last_good: {max_age: 0s}}, {constant: 3.5}]");
    assertThat(result.method()).isEqualTo("constant");
    assertThat(table()).contains("1,3.5,constant,null");
  }

  @Test
  void theNewestOfSeveralPredictionsIsTheLastGoodOne() {
    String append = "mode: append\nfallback: [last_good]";
    lake.run(append);
    lake.write("f", "SELECT i AS id, 100.0 AS v, 0.0 AS w FROM range(4) t(i)");
    lake.run(append);
    lake.breakVersion(1);
    ModelResult result = attempt(append);
    assertThat(result.method()).isEqualTo("last_good");
    assertThat(
            lake.rows("SELECT id, prediction FROM main.ml.p WHERE prediction_source = 'last_good'"))
        .containsExactly("0,1100.0", "1,1100.0", "2,1100.0", "3,1100.0");
  }

  @Test
  void aConstantMakesTheColumnsOfItsModelType() {
    lake.breakVersion(1);
    ModelResult result = attempt("model_type: anomaly_detection\nfallback: [{constant: -0.5}]");
    assertThat(result.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(
            lake.rows(
                "SELECT id, prediction, anomaly_score, is_anomaly, prediction_source FROM"
                    + " main.ml.p WHERE id = 1"))
        .containsExactly("1,-0.5,-0.5,1,constant");
  }

  @Test
  void eachLinkStandsInForTheFailuresItNames() {
    lake.breakVersion(1);
    ModelResult result = attempt("fallback: [{constant: {value: 1, on: [external]}}]");
    assertThat(result.status()).isEqualTo(ModelStatus.FAILED);
    assertThat(result.problems()).extracting(Problem::what).containsExactly("Version 1 is broken.");
  }

  @Test
  void aBatchThatAGateStoppedFallsBackOnlyWhereThatIsSaid() {
    lake.run("fallback: [last_good]");
    lake.write("f", "SELECT i AS id, 5000.0 AS v, 0.0 AS w FROM range(4) t(i)");
    String gate = "gates: {prediction_range: [0, 2000]}\n";
    ModelResult stopped = attempt(gate + "fallback: [last_good]");
    assertThat(stopped.status()).isEqualTo(ModelStatus.FAILED);
    ModelResult result = attempt(gate + "fallback: [{last_good: {on: [gate]}}]");
    assertThat(result.status()).isEqualTo(ModelStatus.SUCCESS);
    assertThat(result.audit().staged()).isPresent();
    assertThat(table()).contains("3,1003.0,last_good,1");
  }

  @Test
  void wrongSettingsNeverFallBack() {
    ModelResult result =
        attempt("source: {sql: \"DELETE FROM main.ml.f\"}\nfallback: [{constant: 0}]");
    assertThat(result.status()).isEqualTo(ModelStatus.FAILED);
    assertThat(result.problems())
        .extracting(Problem::code)
        .containsExactly(ErrorCode.QUERY_NOT_READ_ONLY);
  }

  @Test
  void aRegistryThatAnswersAgainIsAskedAgain() {
    lake.registryFaults(1);
    assertThat(attempt("").problems().get(0).code()).isEqualTo(ErrorCode.REGISTRY_UNREADABLE);
    lake.registryFaults(1);
    ModelResult result = lake.run("retries: 1");
    assertThat(result.notes()).contains("tried again after: The registry does not answer.");
    assertThat(result.audit().attempts()).hasSize(1);
  }

  @Test
  void aModelThatTakesTooLongIsStoppedAndLeavesNothing() {
    lake.hang();
    ModelResult result = attempt("timeout: 1s");
    assertThat(result.status()).isEqualTo(ModelStatus.FAILED);
    assertThat(result.problems())
        .extracting(Problem::message)
        .containsExactly(
            "SB-0801 Model 'm' was not scored within 1s. The pipeline gives it no more time; other"
                + " models go on. Fix: raise its timeout, or look for what slowed it down.");
    assertThat(lake.tables().exists(SmallLake.PREDICTIONS)).isFalse();
  }

  @Test
  void aModelThatTakesTooLongFallsBack() {
    lake.hang();
    assertThat(attempt("timeout: 1s\nfallback: [{constant: 2}]").method()).isEqualTo("constant");
    assertThat(table()).contains("0,2.0,constant,null");
  }

  /** Field report 120. */
  @Test
  void aCommitOfUnknownOutcomeIsLookedUpBeforeAnythingIsTriedAgain() {
    AtomicInteger commits = new AtomicInteger();
    lake.faulty(
        tables ->
            new Committing(
                tables,
                commit -> {
                  commits.incrementAndGet();
                  tables.commit(commit);
                  throw fault(ErrorCode.COMMIT_STATE_UNKNOWN);
                }));
    ModelResult landed = lake.run("");
    assertThat(landed.tableVersion()).hasValue(0);
    assertThat(commits.get()).isEqualTo(1);
    assertThat(lake.predictions()).hasSize(4);
  }

  @Test
  void aCommitThatFailsIsRepeatedWithoutScoringAgain() {
    AtomicInteger commits = new AtomicInteger();
    lake.faulty(
        tables ->
            new Committing(
                tables,
                commit -> {
                  if (commits.incrementAndGet() == 1) {
                    throw fault(ErrorCode.COMMIT_STATE_UNKNOWN);
                  }
                  return tables.commit(commit);
                }));
    ModelResult result = lake.run("retries: 1");
    assertThat(result.audit().attempts()).isEmpty();
    assertThat(commits.get()).isEqualTo(2);
    assertThat(lake.predictions()).hasSize(4);
    commits.set(0);
    ModelResult failed = attempt("");
    assertThat(failed.problems().get(0).code()).isEqualTo(ErrorCode.COMMIT_STATE_UNKNOWN);
    assertThat(lake.predictionTable().version()).isZero();
  }

  private static ScorebatchException fault(ErrorCode code) {
    return ScorebatchException.of(code, "The store is away.", "", "");
  }

  private interface Commit {
    long commit(TableCommit commit);
  }

  /** Tables whose commits go another way. */
  private record Committing(TableStore tables, Commit way) implements TableStore {
    @Override
    public List<TableName> list() {
      return tables.list();
    }

    @Override
    public boolean exists(TableName table) {
      return tables.exists(table);
    }

    @Override
    public TableSnapshot snapshot(TableName table) {
      return tables.snapshot(table);
    }

    @Override
    public TableSnapshot snapshot(TableName table, long version) {
      return tables.snapshot(table, version);
    }

    @Override
    public TableSnapshot snapshot(TableName table, Instant moment) {
      return tables.snapshot(table, moment);
    }

    @Override
    public Schema checkWritable(
        TableName table, Schema schema, TableCommit.Mode mode, List<String> partitionColumns) {
      return tables.checkWritable(table, schema, mode, partitionColumns);
    }

    @Override
    public OptionalLong transactionVersion(TableName table, String application) {
      return tables.transactionVersion(table, application);
    }

    @Override
    public StagingArea openStaging(TableName table) {
      return tables.openStaging(table);
    }

    @Override
    public long commit(TableCommit commit) {
      return way.commit(commit);
    }

    @Override
    public String description() {
      return tables.description();
    }

    @Override
    public void close() {}
  }
}
