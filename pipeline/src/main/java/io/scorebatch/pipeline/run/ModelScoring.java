package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.RowHandling;
import io.scorebatch.api.plan.Sample;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.pipeline.config.Fallback;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.WriteMode;
import io.scorebatch.pipeline.gate.BatchGates.Baselines;
import io.scorebatch.pipeline.gate.BatchProfile;
import io.scorebatch.pipeline.gate.ProfileJson;
import io.scorebatch.pipeline.gate.Verdicts;
import io.scorebatch.pipeline.increment.Increment;
import io.scorebatch.pipeline.increment.IncrementalState;
import io.scorebatch.pipeline.increment.Increments;
import io.scorebatch.pipeline.increment.Settings;
import io.scorebatch.pipeline.increment.StateJson;
import io.scorebatch.pipeline.plan.StandIn;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Chooses the rows of a model, scores them and puts them into its table, together with the state
 * that tells the next run which rows are new. Thread-safe.
 */
final class ModelScoring {
  /** The table property that says whether the table holds some rows only. */
  static final String SAMPLED = "scorebatch.sampled";

  private static final String NOT_SAMPLED = "no";

  private final Rooms rooms;
  private final RunContext run;
  private final ScoringJob job;
  private final ModelRequests requests;
  private final Increments increments;
  private final BatchAudit audit;
  private final QuarantineTable quarantine;
  private final StagedBatches stopped;

  ModelScoring(Rooms rooms, RunContext run) {
    this.rooms = rooms;
    this.run = run;
    this.job = new ScoringJob(rooms, run.options().scope().asOf());
    this.requests = new ModelRequests(rooms, run, job);
    this.increments = new Increments(rooms.tables(), rooms.engine(), run.startedAt());
    this.audit = new BatchAudit(rooms, run);
    this.quarantine = new QuarantineTable(rooms.tables(), run);
    this.stopped = new StagedBatches(run.folder().resolve("staged"), rooms.localTables());
  }

  /**
   * Rows that are scored and wait for their commit. Close it once they are committed or given up.
   *
   * @param publication where they go
   * @param increment which they are
   * @param scored the rows; empty where none is new, known without looking
   * @param profile what later batches are compared with; empty where no model was asked
   * @param subject the model that was asked; empty for none
   * @param notes what the user should know
   */
  record Ready(
      Publication publication,
      Increment increment,
      Optional<ScoringJob.Scored> scored,
      Optional<String> profile,
      Optional<Subject> subject,
      List<String> notes)
      implements AutoCloseable {
    Ready {
      notes = List.copyOf(notes);
    }

    @Override
    public void close() {
      publication.close();
    }

    /** Rows scored. */
    long rows() {
      return scored.map(batch -> batch.scores().statistics().rows()).orElse(0L);
    }
  }

  /** A model that is planned, and which of its rows are new. Close it. */
  record Planned(
      ScoringJob.Prepared prepared,
      Increment increment,
      Optional<TableSnapshot> target,
      List<String> notes)
      implements AutoCloseable {
    ScoringPlan plan() {
      return prepared.planned().plan();
    }

    @Override
    public void close() {
      prepared.close();
    }
  }

  /**
   * Plans a model, and chooses its rows.
   *
   * @param manual whether the rows bring the features
   */
  Planned plan(Subject subject, boolean manual) {
    List<String> notes = new ArrayList<>();
    ScoringJob.Prepared prepared = job.prepare(requests.request(subject, manual, notes), manual);
    try {
      Optional<TableSnapshot> target =
          Publication.newest(rooms, run.table(subject.spec().write().table()));
      Increment increment = increment(subject, prepared, target);
      notes.addAll(increment.notes());
      ScoringPlan plan = asked(subject, prepared.planned().plan(), increment);
      return new Planned(prepared.withPlan(plan), increment, target, notes);
    } catch (RuntimeException e) {
      prepared.close();
      throw e;
    }
  }

  /** The plan for the rows chosen, with all that gates and quarantine want to know. */
  private ScoringPlan asked(Subject subject, ScoringPlan plan, Increment increment) {
    ModelSpec spec = subject.spec();
    ScoringPlan asked =
        plan.withRows(
            new RowHandling(
                increment.selections(),
                sample(spec, plan),
                spec.badRows().action(),
                BatchAudit.profilesInputs(spec)));
    return spec.badRows().quarantine()
        ? asked.withQuarantine(quarantine.columns(asked, subject.resolved().version()))
        : asked;
  }

  /**
   * Scores the rows chosen, into files that no table holds yet, and holds them against the gates.
   *
   * @param manual whether the rows bring the features
   * @param progress receives what the gates said
   * @throws ScorebatchException also where a gate failed: the batch is kept in the run's folder
   */
  Ready score(
      Subject subject,
      Once once,
      boolean manual,
      Progress progress,
      EngineLimits limits,
      RunControl control) {
    try (Planned planned = plan(subject, manual)) {
      Publication publication =
          publication(subject.spec(), once, planned.target(), planned.increment());
      try {
        return ready(subject, once, planned, publication, progress, limits, control);
      } catch (RuntimeException | Error e) {
        publication.close();
        throw e;
      }
    }
  }

  private Publication publication(
      ModelSpec spec, Once once, Optional<TableSnapshot> target, Increment increment) {
    return new Publication(
        rooms,
        once.target(),
        target,
        spec.write(),
        run.options().scope().day(spec, run.startedAt()),
        increment.afresh(),
        Optional.of(once.id()),
        run.engineInfo(),
        new Retries(spec.onFailure().retries()));
  }

  private Ready ready(
      Subject subject,
      Once once,
      Planned planned,
      Publication publication,
      Progress progress,
      EngineLimits limits,
      RunControl control) {
    ModelSpec spec = subject.spec();
    List<String> notes = new ArrayList<>(once.notes());
    notes.addAll(planned.notes());
    if (planned.increment().nothing()) {
      return new Ready(
          publication,
          planned.increment(),
          Optional.empty(),
          Optional.empty(),
          Optional.of(subject),
          notes);
    }
    Baselines baselines = audit.baselines(spec, publication.before());
    Verdicts verdicts = new Verdicts();
    audit.goldenRows(spec, subject.resolved(), subject.model(), verdicts);
    progress.gates = verdicts.results();
    verdicts.throwIfFailed();
    if (spec.badRows().quarantine()) {
      quarantine.check(planned.plan());
    }
    ScoringJob.Scored scored = job.stage(planned.prepared(), publication, limits, control);
    try {
      long rows = scored.scores().statistics().rows();
      boolean some = !planned.increment().selections().isEmpty();
      quarantine.keep(scored, String.valueOf(progress.method)).ifPresent(notes::add);
      notes.addAll(scored.notes());
      sampled(scored).ifPresent(text -> notes.add("sampled: " + text));
      if (some) {
        notes.add(rows == 0 ? "nothing new" : rows + " rows are new and were scored");
      }
      boolean judged = !some || rows > 0;
      if (judged) {
        audit.check(spec, scored, baselines, verdicts);
        judge(scored, verdicts, once, progress);
        notes.addAll(verdicts.warnings());
      }
      Optional<String> profile =
          judged
              ? Optional.of(
                  ProfileJson.print(
                      BatchProfile.of(spec.modelName(), scored.scores().statistics())))
              : Optional.empty();
      return new Ready(
          publication,
          planned.increment(),
          Optional.of(scored),
          profile,
          Optional.of(subject),
          notes);
    } catch (RuntimeException e) {
      scored.discard();
      throw e;
    }
  }

  /** Lets a batch pass, or keeps it where people can look into it and fails. */
  private void judge(ScoringJob.Scored scored, Verdicts verdicts, Once once, Progress progress) {
    progress.gates = verdicts.results();
    if (verdicts.failures().isEmpty()) {
      return;
    }
    String why = verdicts.failures().get(0).what();
    Optional<String> kept = stopped.keep(scored, once.target(), why, run.engineInfo());
    progress.staged = kept.or(() -> progress.staged);
    verdicts.throwIfFailed();
  }

  /**
   * Gives rows predictions without a model.
   *
   * @param model the model, where it could be read
   */
  Ready standIn(
      ModelSpec spec,
      Once once,
      Fallback fallback,
      Optional<ModelPackage> model,
      Progress progress,
      EngineLimits limits,
      RunControl control) {
    if (spec.incremental().isPresent()) {
      throw ScorebatchException.of(
          ErrorCode.FALLBACK_NOT_POSSIBLE,
          "Model '" + spec.modelName() + "' cannot fall back: its run is incremental.",
          "Rows that are not scored keep their last prediction.",
          "run it again once the cause is mended.");
    }
    List<String> notes = new ArrayList<>(once.notes());
    Optional<TableSnapshot> target = Publication.newest(rooms, once.target());
    KeySource keys = requests.keysAlone(spec, model, notes);
    StandIn.Request request =
        new StandIn.Request(
            spec.modelName(),
            once.target(),
            target,
            keys,
            spec.keys().idColumns(),
            spec.keys().passthrough(),
            spec.prediction().type(),
            spec.prediction().alias(),
            spec.prediction().threshold(),
            run.startedAt());
    boolean last = fallback.method() == Fallback.Method.LAST_GOOD;
    ScoringPlan bare =
        last
            ? StandIn.lastGood(request, fallback.maxAge(), constant(spec))
            : StandIn.constant(request, fallback.value().orElseThrow());
    ScoringPlan plan =
        bare.withRows(
            new RowHandling(List.of(), sample(spec, bare), RowHandling.OnBadRow.FAIL, false));
    List<TableSnapshot> read = new ArrayList<>();
    if (keys instanceof KeySource.TableRows rows) {
      read.add(rows.table());
    }
    if (last) {
      target.ifPresent(read::add);
    }
    Optional<IncrementalState> state =
        spec.write().mode() == WriteMode.OVERWRITE
            ? Optional.of(IncrementalState.NOTHING)
            : Optional.empty();
    Increment increment = new Increment(List.of(), false, false, state, true, List.of());
    Publication publication = publication(spec, once, target, increment);
    try {
      ScoringJob.Scored scored =
          job.stage(plan, new NoScores(), read, publication, limits, control);
      try {
        Verdicts verdicts = new Verdicts();
        audit.check(spec, scored, Baselines.NONE, verdicts);
        judge(scored, verdicts, once, progress);
        notes.addAll(scored.notes());
        notes.addAll(verdicts.warnings());
        return new Ready(
            publication, increment, Optional.of(scored), Optional.empty(), Optional.empty(), notes);
      } catch (RuntimeException e) {
        scored.discard();
        throw e;
      }
    } catch (RuntimeException | Error e) {
      publication.close();
      throw e;
    }
  }

  /** The constant of a model's chain of fallbacks. */
  private static Optional<String> constant(ModelSpec spec) {
    return spec.onFailure().fallbacks().stream()
        .filter(fallback -> fallback.method() == Fallback.Method.CONSTANT)
        .findFirst()
        .flatMap(Fallback::value);
  }

  /** Commits what was scored. */
  Outcome publish(
      ModelSpec spec, Ready ready, BatchOrigin origin, EngineLimits limits, RunControl control) {
    if (ready.scored().isEmpty()) {
      return new Outcome.Unchanged();
    }
    String property = property(spec);
    Optional<TableSnapshot> before = ready.publication().before();
    String known = before.map(table -> table.properties().get(property)).orElse(null);
    boolean all = ready.increment().selections().isEmpty();
    return ready
        .publication()
        .publish(
            ready.scored().get(),
            origin,
            properties(spec, ready),
            table -> all || Objects.equals(table.properties().get(property), known),
            all || ready.increment().moved(),
            limits,
            control);
  }

  private String property(ModelSpec spec) {
    return IncrementalState.property(run.pipeline().name(), spec.modelName());
  }

  private Increment increment(
      Subject subject, ScoringJob.Prepared prepared, Optional<TableSnapshot> target) {
    ModelSpec spec = subject.spec();
    String settings = Settings.hash(spec, run.pipeline());
    if (spec.incremental().isEmpty()) {
      // Who replaces all rows knows what they are made of: a later run may go on from there.
      Optional<IncrementalState> state =
          spec.write().mode() == WriteMode.OVERWRITE
              ? Optional.of(
                  Increments.state(
                      prepared.tablesRead(),
                      subject.resolved().version(),
                      subject.model().digest(),
                      settings))
              : Optional.empty();
      return new Increment(List.of(), false, false, state, true, List.of());
    }
    return increments.find(
        new Increments.Asked(
            spec.modelName(),
            property(spec),
            spec.incremental().get(),
            spec.write().mode(),
            run.options().scope().fullRefresh(),
            prepared.planned().plan(),
            prepared.tablesRead(),
            target,
            subject.resolved().version(),
            subject.model().digest(),
            settings));
  }

  private static Optional<Sample> sample(ModelSpec spec, ScoringPlan plan) {
    if (spec.sample().size().isEmpty()) {
      return Optional.empty();
    }
    for (Column column : plan.keys().columns()) {
      boolean isKey = plan.keyColumns().contains(column.name());
      if (isKey && (column.type() == Primitive.FLOAT || column.type() == Primitive.DOUBLE)) {
        throw ScorebatchException.of(
            ErrorCode.PIPELINE_INVALID,
            "Rows of model '"
                + spec.modelName()
                + "' cannot be sampled by key '"
                + column.name()
                + "' of type "
                + column.type().sparkName()
                + ".",
            "A sample is chosen by the text of its keys, and a float has more than one.",
            "score all rows, or bring the key as text or a decimal.");
      }
    }
    return Optional.of(
        new Sample(
            plan.keyColumns(),
            spec.sample().seed(),
            spec.sample().size().get(),
            spec.sample().stratify()));
  }

  private static Optional<String> sampled(ScoringJob.Scored scored) {
    return scored
        .plan()
        .rows()
        .sample()
        .map(
            sample ->
                scored.scores().statistics().selected()
                    + " of "
                    + scored.scores().statistics().keys()
                    + " keys, seed "
                    + sample.seed());
  }

  private Map<String, String> properties(ModelSpec spec, Ready ready) {
    Map<String, String> properties = state(spec, ready);
    boolean replaces = ready.publication().replacesAll() || ready.publication().before().isEmpty();
    // A commit that only adds rows waits for nobody, as long as it sets no property.
    if (replaces || spec.write().mode() != WriteMode.APPEND || !properties.isEmpty()) {
      ready.profile().ifPresent(profile -> properties.put(BatchProfile.PROPERTY, profile));
    }
    return properties;
  }

  private Map<String, String> state(ModelSpec spec, Ready ready) {
    Map<String, String> properties = new LinkedHashMap<>();
    Optional<TableSnapshot> before = ready.publication().before();
    Optional<String> sampled = ready.scored().flatMap(ModelScoring::sampled);
    boolean replaces = ready.publication().replacesAll() || before.isEmpty();
    if (sampled.isPresent()) {
      properties.put(SAMPLED, sampled.get());
      if (replaces) {
        // Rows left out of the sample are still to be scored.
        properties.put(property(spec), StateJson.print(IncrementalState.NOTHING));
      }
      return properties;
    }
    boolean marked = before.filter(table -> table.properties().containsKey(SAMPLED)).isPresent();
    if (replaces && marked) {
      properties.put(SAMPLED, NOT_SAMPLED);
    }
    ready
        .increment()
        .state()
        .ifPresent(state -> properties.put(property(spec), StateJson.print(state)));
    return properties;
  }
}
