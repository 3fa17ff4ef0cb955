package io.scorebatch.engine.spark;

import static org.apache.spark.sql.functions.col;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.engine.spark.FileWriting.Written;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.SQLExecution;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;
import scala.Option;

/** One call: a plan carried out on a cluster. One thread at a time. */
final class Staging {
  private final ScoringPlan plan;
  private final Scorer scorer;
  private final Path folder;
  private final EngineLimits limits;
  private final RunControl control;
  private final SparkSession session;
  private final JoinedRows.Sources sources;
  private final String run = UUID.randomUUID().toString();
  private final PartitionCounts keys = new PartitionCounts();
  private @Nullable JoinedRows joined;
  private @Nullable ScoringTask task;

  Staging(
      ScoringPlan plan,
      Scorer scorer,
      Path folder,
      EngineLimits limits,
      RunControl control,
      SparkSession session,
      JoinedRows.Sources sources) {
    this.plan = plan;
    this.scorer = scorer;
    this.folder = folder;
    this.limits = limits;
    this.control = control;
    this.session = session;
    this.sources = sources;
  }

  @SuppressWarnings("try") // the watch is closed, and else works by itself
  StagedScores run() {
    if (control.isCancelled()) {
      throw SparkFailures.interrupted(plan);
    }
    ScorerRecipe recipe =
        ModelArguments.scores(plan) ? ClusterScorers.recipe(scorer) : new ScorerRecipe.OfNothing();
    Broadcast<ScorerRecipe> broadcast =
        JavaSparkContext.fromSparkContext(session.sparkContext()).broadcast(recipe);
    boolean done = false;
    try (JobWatch watch = JobWatch.open(session.sparkContext(), control)) {
      StagedScores scores = stage(broadcast);
      done = true;
      return scores;
    } catch (Exception e) {
      throw explain(e);
    } finally {
      recipe.close();
      broadcast.destroy();
      if (!done) {
        deleteFiles(Set.of());
      }
    }
  }

  private StagedScores stage(Broadcast<ScorerRecipe> recipe) {
    keys.register(session.sparkContext(), Option.apply("keys of " + plan.modelName()), false);
    JoinedRows rows = JoinedRows.of(plan, sources, this::counted);
    joined = rows;
    ModelArguments arguments = new ModelArguments(plan, rows);
    task =
        new ScoringTask(
            recipe,
            ModelArguments.bindings(plan),
            plan.outputs(),
            arguments.flags().size(),
            arguments.ranges().size());
    Dataset<Row> ready = arguments.rows(List.of());
    // Only so can one thread be sure to write one file.
    Dataset<Row> spread = limits.threads() == 1 ? ready.coalesce(1) : ready;
    StructType schema = SparkTypes.of(plan.outputSchema());
    FileWriting writing = new FileWriting(session, task, folder, run, schema);
    List<Written> written =
        SQLExecution.withNewExecutionId(
            InternalRows.execution(spread),
            Option.apply("score " + plan.modelName()),
            Scala.call(
                () ->
                    InternalRows.of(spread)
                        .toJavaRDD()
                        .mapPartitionsWithIndex(writing::write, true)
                        .collect()));
    if (control.isCancelled()) {
      throw SparkFailures.interrupted(plan);
    }
    return result(written, rows, schema);
  }

  private Dataset<Row> counted(Dataset<Row> source) {
    RDD<InternalRow> rows = InternalRows.of(source);
    return InternalRows.frame(session, keys.count(rows), source.schema());
  }

  private StagedScores result(List<Written> written, JoinedRows rows, StructType schema) {
    long count = written.stream().mapToLong(Written::rows).sum();
    long asked = rows.joined() ? keys.sum() : count;
    if (asked != count && !rows.multiplied()) {
      throw SparkFailures.rowCount(plan, asked, count);
    }
    List<StagedFile> files = new ArrayList<>();
    Set<String> names = new HashSet<>();
    for (Written file : written) {
      if (file.file() != null) {
        files.add(file.staged(folder, schema));
        names.add(file.file());
      }
    }
    for (StagedFile file : files) {
      if (!Files.exists(file.file())) {
        throw SparkFailures.folderNotShared(folder, String.valueOf(file.file().getFileName()));
      }
    }
    // What attempts left that were not accepted.
    deleteFiles(names);
    long silent = written.stream().mapToLong(w -> w.silent(schema, "prediction")).sum();
    return new StagedScores(
        files,
        new ScoreStatistics(asked, count, silent, lookups(written, rows, count), rows.notes()));
  }

  private List<LookupStatistics> lookups(List<Written> written, JoinedRows rows, long count) {
    List<Tallies> tallies = written.stream().map(Written::tallies).toList();
    List<LookupStatistics> inOrder = new ArrayList<>();
    for (PlanStep step : plan.steps()) {
      int place = rows.place(step);
      if (place >= 0) {
        inOrder.add(lookup(rows.lookups().get(place).lookup(), place, tallies, count));
      }
    }
    return inOrder;
  }

  /** What the flags and ranges of {@link ModelArguments} tell of a look-up. */
  private static LookupStatistics lookup(
      PlanStep.Lookup lookup, int place, List<Tallies> tallies, long count) {
    int flag = place * LookupEvidence.BITS;
    int time = place * 2;
    long found = Tallies.count(tallies, flag);
    LookupEvidence evidence =
        new LookupEvidence(
            Tallies.count(tallies, flag + 1),
            Tallies.count(tallies, flag + 2),
            Tallies.count(tallies, flag + 3),
            instant(Tallies.least(tallies, time)),
            instant(Tallies.greatest(tallies, time)),
            Tallies.greatest(tallies, time + 1).stream()
                .mapToObj(micros -> Duration.of(micros, ChronoUnit.MICROS))
                .findFirst());
    return new LookupStatistics(
        lookup.table().name().toString(),
        lookup.table().version(),
        found,
        count - found,
        Optional.of(evidence),
        lookup.overridden());
  }

  private static Optional<Instant> instant(OptionalLong micros) {
    return micros.stream()
        .mapToObj(value -> Instant.EPOCH.plus(value, ChronoUnit.MICROS))
        .findFirst();
  }

  /** Deletes what this call wrote, but for some files. */
  private void deleteFiles(Set<String> but) {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + run + "*")) {
      for (Path file : files) {
        String name = String.valueOf(file.getFileName());
        // Hadoop keeps a checksum beside each file of a local disk.
        if (!but.contains(name)) {
          Files.deleteIfExists(file);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private RuntimeException explain(Exception e) {
    if (control.isCancelled()) {
      return SparkFailures.interrupted(plan);
    }
    Optional<ScorebatchException> known = SparkFailures.cause(e, ScorebatchException.class);
    if (known.isPresent()) {
      return known.get();
    }
    Optional<RejectedValueException> rejected =
        SparkFailures.cause(e, RejectedValueException.class);
    if (rejected.isPresent()) {
      return rejected(rejected.get());
    }
    Optional<UnfitValueException> unfit = SparkFailures.cause(e, UnfitValueException.class);
    if (unfit.isPresent()) {
      return notConvertible(unfit.get(), e);
    }
    Optional<ScorerFailedException> failed = SparkFailures.cause(e, ScorerFailedException.class);
    if (failed.isPresent()) {
      return SparkFailures.scorerFailed(plan.modelName(), failed.get());
    }
    if (plan.keys() instanceof KeySource.File file
        && SparkFailures.tells(e, file.path().toString())) {
      return SparkFailures.fileUnreadable(file, e);
    }
    for (TableSnapshot table : tables()) {
      if (table.files().stream().anyMatch(data -> SparkFailures.tells(e, data.path()))) {
        return SparkFailures.tableUnreadable(table, e);
      }
    }
    return SparkFailures.failed("Scoring of " + plan.modelName(), e);
  }

  private List<TableSnapshot> tables() {
    List<TableSnapshot> tables = new ArrayList<>();
    if (plan.keys() instanceof KeySource.TableRows tableRows) {
      tables.add(tableRows.table());
    }
    for (PlanStep step : plan.steps()) {
      if (step instanceof PlanStep.Lookup lookup) {
        tables.add(lookup.table());
      }
    }
    return tables;
  }

  private ScorebatchException rejected(RejectedValueException rejected) {
    Found found = find().orElse(new Found(rejected.input(), rejected.value(), "an unknown key", 1));
    String input = found.input() < 0 ? null : scorer.inputs().get(found.input()).name();
    return SparkFailures.rejected(plan, rejected, input, found.value(), found.key(), found.rows());
  }

  private ScorebatchException notConvertible(UnfitValueException unfit, Exception e) {
    Found found = find().orElse(new Found(-1, unfit.value(), "an unknown key", 1));
    return SparkFailures.notConvertible(
        plan,
        unfit.isInput() ? describeInput(unfit.name()) : "output column '" + unfit.name() + "'",
        unfit.from(),
        unfit.wanted(),
        found.value(),
        found.key(),
        found.rows(),
        e);
  }

  private String describeInput(String name) {
    JoinedRows rows = java.util.Objects.requireNonNull(joined);
    String origin =
        plan.inputs().stream()
            .filter(binding -> binding.input().equals(name))
            .map(binding -> rows.cell(binding.column()).origin())
            .findFirst()
            .orElse("the keys");
    return "input '" + name + "' from " + origin;
  }

  /**
   * A row that something is wrong with.
   *
   * @param input the input concerned; -1 for none
   * @param value the value concerned
   * @param key the row's key
   * @param rows how many such rows there are
   */
  private record Found(int input, String value, String key, long rows) {}

  /** The first row by key that the model, or a type, refuses. */
  private Optional<Found> find() {
    JoinedRows rows = joined;
    ScoringTask used = task;
    if (rows == null || used == null) {
      return Optional.empty();
    }
    List<String> keyAliases =
        plan.keyColumns().stream().map(name -> rows.cell(name).alias()).toList();
    Dataset<Row> ready = new ModelArguments(plan, rows).rows(keyAliases);
    StructType schema =
        ready.schema().add("_input", DataTypes.IntegerType).add("_value", DataTypes.StringType);
    RDD<InternalRow> problems =
        InternalRows.of(ready).toJavaRDD().mapPartitions(used::problems).rdd();
    Dataset<Row> all = InternalRows.frame(session, problems, schema);
    Column[] keyColumns = keyAliases.stream().map(k -> col(k)).toArray(Column[]::new);
    List<Row> first = all.orderBy(keyColumns).limit(1).collectAsList();
    if (first.isEmpty()) {
      return Optional.empty();
    }
    Row row = first.get(0);
    List<String> key = new ArrayList<>();
    for (int i = 0; i < keyAliases.size(); i++) {
      Object value = row.getAs(keyAliases.get(i));
      key.add(plan.keyColumns().get(i) + " = " + SparkFailures.show(value));
    }
    return Optional.of(
        new Found(row.getAs("_input"), row.getAs("_value"), String.join(", ", key), all.count()));
  }
}
