package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.RowHandling;
import io.scorebatch.api.plan.Sample;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.WriteMode;
import io.scorebatch.pipeline.increment.Increment;
import io.scorebatch.pipeline.increment.IncrementalState;
import io.scorebatch.pipeline.increment.Increments;
import io.scorebatch.pipeline.increment.Settings;
import io.scorebatch.pipeline.increment.StateJson;
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

  ModelScoring(Rooms rooms, RunContext run) {
    this.rooms = rooms;
    this.run = run;
    this.job = new ScoringJob(rooms, run.options().scope().asOf());
    this.requests = new ModelRequests(rooms, run, job);
    this.increments = new Increments(rooms.tables(), rooms.engine(), run.startedAt());
  }

  /**
   * Rows that are scored and wait for their commit. Close it once they are committed or given up.
   *
   * @param publication where they go
   * @param increment which they are
   * @param scored the rows; empty where none is new, known without looking
   * @param notes what the user should know
   */
  record Ready(
      Publication publication,
      Increment increment,
      Optional<ScoringJob.Scored> scored,
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
      RowHandling rows =
          new RowHandling(
              increment.selections(),
              sample(subject.spec(), prepared.planned().plan()),
              subject.spec().badRows().action(),
              false);
      return new Planned(prepared.withRows(rows), increment, target, notes);
    } catch (RuntimeException e) {
      prepared.close();
      throw e;
    }
  }

  /** Scores the rows chosen, into files that no table holds yet. */
  Ready score(Subject subject, Once once, boolean manual, EngineLimits limits, RunControl control) {
    try (Planned planned = plan(subject, manual)) {
      ModelSpec spec = subject.spec();
      Publication publication =
          new Publication(
              rooms,
              once.target(),
              planned.target(),
              spec.write(),
              run.options().scope().day(spec, run.startedAt()),
              planned.increment().afresh(),
              Optional.of(once.id()),
              run.engineInfo());
      try {
        return ready(once, planned, publication, limits, control);
      } catch (RuntimeException | Error e) {
        publication.close();
        throw e;
      }
    }
  }

  private Ready ready(
      Once once,
      Planned planned,
      Publication publication,
      EngineLimits limits,
      RunControl control) {
    List<String> notes = new ArrayList<>(once.notes());
    notes.addAll(planned.notes());
    if (planned.increment().nothing()) {
      return new Ready(publication, planned.increment(), Optional.empty(), notes);
    }
    ScoringJob.Scored scored = job.score(planned.prepared(), publication, limits, control);
    long rows = scored.scores().statistics().rows();
    notes.addAll(scored.notes());
    sampled(scored).ifPresent(text -> notes.add("sampled: " + text));
    if (!planned.increment().selections().isEmpty()) {
      notes.add(rows == 0 ? "nothing new" : rows + " rows are new and were scored");
    }
    return new Ready(publication, planned.increment(), Optional.of(scored), notes);
  }

  /** Commits what was scored. */
  Outcome publish(
      Subject subject, Ready ready, BatchOrigin origin, EngineLimits limits, RunControl control) {
    if (ready.scored().isEmpty()) {
      return new Outcome.Unchanged();
    }
    String property = property(subject.spec());
    Optional<TableSnapshot> before = ready.publication().before();
    String known = before.map(table -> table.properties().get(property)).orElse(null);
    boolean all = ready.increment().selections().isEmpty();
    return ready
        .publication()
        .publish(
            ready.scored().get(),
            origin,
            properties(subject.spec(), ready),
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
