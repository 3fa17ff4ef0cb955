package io.scorebatch.pipeline.run;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.pipeline.config.IncrementalSpec.By;
import io.scorebatch.pipeline.config.KeySpec;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.ModelSpec.Source;
import io.scorebatch.pipeline.config.PredictionSpec;
import io.scorebatch.pipeline.increment.Increments;
import io.scorebatch.pipeline.increment.Settings;
import io.scorebatch.pipeline.plan.PlanRequest;
import io.scorebatch.pipeline.plan.PredictionColumns;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Makes of a model's entry in the pipeline what the planner is asked for. Thread-safe. */
final class ModelRequests {
  private final Rooms rooms;
  private final RunContext run;
  private final ScoringJob job;
  private final Map<String, OnDemandFunction> functions;

  ModelRequests(Rooms rooms, RunContext run, ScoringJob job) {
    this.rooms = rooms;
    this.run = run;
    this.job = job;
    this.functions = FunctionClasses.load(run.pipeline().javaFunctions());
  }

  /**
   * @param manual whether the rows bring the features
   * @param notes receives what the user should know
   */
  PlanRequest request(Subject subject, boolean manual, List<String> notes) {
    ModelSpec spec = subject.spec();
    ModelPackage model = subject.model();
    KeySpec keys = spec.keys();
    PredictionSpec prediction = spec.prediction();
    return new PlanRequest(
        spec.modelName(),
        subject.resolved().version(),
        model,
        run.table(spec.write().table()),
        keys(spec, Optional.of(model), wanted(spec, model, manual), manual, notes),
        keys.idColumns(),
        keys.passthrough(),
        keys.featureColumns(),
        prediction.type(),
        prediction.outputKind(),
        prediction.alias(),
        prediction.threshold(),
        spec.lookups().duplicates(),
        run.pipeline().functions(),
        run.startedAt(),
        functions,
        spec.lookups().evidence() && !manual,
        further(subject));
  }

  /** Columns that the model's way of writing asks for. */
  private List<OutputColumn> further(Subject subject) {
    ModelSpec spec = subject.spec();
    List<OutputColumn> further = new ArrayList<>();
    run.options()
        .scope()
        .day(spec, run.startedAt())
        .ifPresent(
            day ->
                further.add(
                    new OutputColumn(
                        new Column(
                            spec.write().sliceColumn().orElseThrow(),
                            Primitive.DATE,
                            true,
                            "The day the predictions are for."),
                        new OutputValue.Constant(day))));
    spec.incremental()
        .filter(incremental -> incremental.by() == By.CONTENT)
        .ifPresent(
            incremental ->
                further.add(
                    new OutputColumn(
                        new Column(
                            Increments.FINGERPRINT,
                            Primitive.LONG,
                            true,
                            "Changes when what goes into the model changes, or the model."),
                        new OutputValue.Fingerprint(
                            Settings.salt(
                                incremental,
                                Settings.hash(spec, run.pipeline()),
                                subject.model().digest())))));
    if (!spec.onFailure().fallbacks().isEmpty()) {
      further.add(
          new OutputColumn(PredictionColumns.source(), new OutputValue.Constant(subject.source())));
    }
    return further;
  }

  /** Columns that rows are to bring: keys, what is passed through, what the model asks for. */
  private static Set<String> wanted(ModelSpec spec, ModelPackage model, boolean manual) {
    Set<String> wanted = new LinkedHashSet<>();
    if (manual) {
      wanted.addAll(spec.keys().featureColumns());
      model.model().inputs().forEach(input -> wanted.add(input.name()));
    } else {
      model
          .featureSpec()
          .ifPresent(s -> s.requested().stream().map(SpecColumn::name).forEach(wanted::add));
    }
    return wanted;
  }

  /**
   * The keys alone, without what a model asks for.
   *
   * @param model the model, where it could be read
   */
  KeySource keysAlone(ModelSpec spec, Optional<ModelPackage> model, List<String> notes) {
    return keys(spec, model, Set.of(), false, notes);
  }

  private KeySource keys(
      ModelSpec spec,
      Optional<ModelPackage> model,
      Set<String> further,
      boolean manual,
      List<String> notes) {
    KeySpec keys = spec.keys();
    Set<String> wanted = new LinkedHashSet<>(keys.idColumns());
    wanted.addAll(keys.passthrough());
    wanted.addAll(further);
    if (keys.source().isPresent() && keys.source().get() instanceof Source.Sql sql) {
      notAsOf(spec, manual, "query", notes);
      KeySource.Query undescribed = new KeySource.Query(sql.query(), List.of());
      return new KeySource.Query(sql.query(), rooms.engine().describe(undescribed));
    }
    if (keys.source().isPresent() && keys.source().get() instanceof Source.File file) {
      notAsOf(spec, manual, "file", notes);
      return job.keys(file.path(), file.format(), model.orElseThrow(() -> untyped(spec)));
    }
    boolean fromSource = keys.source().isPresent();
    String name =
        fromSource
            ? ((Source.Table) keys.source().get()).name()
            : keys.featureTable().orElseThrow();
    boolean features = manual || !fromSource;
    TableSnapshot table =
        features ? job.featureSnapshot(run.table(name)) : job.snapshot(run.table(name));
    List<Column> columns = new ArrayList<>();
    for (Column column : table.schema().columns()) {
      if (wanted.contains(column.name())) {
        columns.add(column);
      }
    }
    return new KeySource.TableRows(table, columns, !manual && !fromSource);
  }

  private static ScorebatchException untyped(ModelSpec spec) {
    return ScorebatchException.of(
        ErrorCode.FALLBACK_NOT_POSSIBLE,
        "Model '" + spec.modelName() + "' cannot fall back: its keys come from a file.",
        "What type they are is told by the model, which could not be read.",
        "take the keys from a table.");
  }

  /** Keys of a query or file are those of now, whatever tables are read as of; features may not. */
  private void notAsOf(ModelSpec spec, boolean manual, String source, List<String> notes) {
    if (run.options().scope().asOf().isEmpty()) {
      return;
    }
    AsOf asOf = run.options().scope().asOf().get();
    if (manual) {
      throw ScorebatchException.of(
          ErrorCode.PIPELINE_INVALID,
          "Model '" + spec.modelName() + "' takes its features from a " + source + ".",
          "It is read as it is now, not as of " + asOf + ".",
          "take them from a table, or leave the model out of the run.");
    }
    notes.add("the keys are those of now: a " + source + " is not read as of a moment");
  }
}
