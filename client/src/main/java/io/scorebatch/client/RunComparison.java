package io.scorebatch.client;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.pipeline.config.PipelineSpec;
import io.scorebatch.pipeline.run.NoScores;
import io.scorebatch.report.RecordedRun;
import io.scorebatch.report.RecordedRun.Model;
import io.scorebatch.report.RunDiff;
import io.scorebatch.report.RunDiff.ModelDiff;
import io.scorebatch.report.RunDiff.Predictions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Two runs of a pipeline beside each other, predictions key by key. One thread at a time. */
final class RunComparison {
  private static final String PREDICTION = "prediction";
  private static final String OTHER = "_sb_other";
  private static final String FOUND = "_sb_found";

  private final TableStore tables;
  private final ScoringEngine engine;
  private final PipelineSpec pipeline;
  private final Connections connections;

  RunComparison(
      TableStore tables, ScoringEngine engine, PipelineSpec pipeline, Connections connections) {
    this.tables = tables;
    this.engine = engine;
    this.pipeline = pipeline;
    this.connections = connections;
  }

  RunDiff of(RecordedRun before, RecordedRun after) {
    Set<String> names = new LinkedHashSet<>();
    before.models().forEach(model -> names.add(model.name()));
    after.models().forEach(model -> names.add(model.name()));
    List<ModelDiff> models = new ArrayList<>();
    for (String name : names) {
      models.add(model(name, before.model(name), after.model(name)));
    }
    return new RunDiff(before, after, models);
  }

  private ModelDiff model(String name, Optional<Model> before, Optional<Model> after) {
    Optional<Model> one = before.filter(Model::committed);
    Optional<Model> other = after.filter(Model::committed);
    if (one.isEmpty() || other.isEmpty()) {
      return new ModelDiff(name, before, after, Optional.empty(), "not committed by both runs");
    }
    if (!one.get().table().equals(other.get().table())) {
      return new ModelDiff(name, before, after, Optional.empty(), "they wrote different tables");
    }
    try {
      TableName table = TableName.parse(one.get().table(), pipeline.catalog(), pipeline.schema());
      TableSnapshot first = tables.snapshot(table, one.get().tableVersion().orElseThrow());
      TableSnapshot second = tables.snapshot(table, other.get().tableVersion().orElseThrow());
      Optional<String> reason = incomparable(first, second);
      return reason.isPresent()
          ? new ModelDiff(name, before, after, Optional.empty(), reason.get())
          : new ModelDiff(name, before, after, Optional.of(compare(first, second)), "");
    } catch (ScorebatchException e) {
      return new ModelDiff(name, before, after, Optional.empty(), e.problem().message());
    }
  }

  private static List<String> keys(TableSnapshot table) {
    String keys = table.properties().getOrDefault("scorebatch.primary_key", "");
    return keys.isEmpty() ? List.of() : List.of(keys.split(","));
  }

  private static Optional<String> incomparable(TableSnapshot first, TableSnapshot second) {
    for (TableSnapshot table : List.of(first, second)) {
      if (keys(table).isEmpty() || !table.schema().names().containsAll(keys(table))) {
        return Optional.of(table.name() + " does not tell its key");
      }
      if (table.schema().find(PREDICTION).isEmpty()) {
        return Optional.of(table.name() + " has no column prediction");
      }
    }
    return keys(first).equals(keys(second))
        ? Optional.empty()
        : Optional.of("its key was " + keys(first) + ", now it is " + keys(second));
  }

  private Predictions compare(TableSnapshot first, TableSnapshot second) {
    List<String> keys = keys(first);
    List<Column> columns = new ArrayList<>();
    keys.forEach(key -> columns.add(first.schema().find(key).orElseThrow()));
    Column prediction = first.schema().find(PREDICTION).orElseThrow();
    columns.add(prediction);
    List<OutputColumn> outputs = new ArrayList<>();
    columns.forEach(
        column -> outputs.add(new OutputColumn(column, new OutputValue.FromColumn(column.name()))));
    outputs.add(
        new OutputColumn(
            Column.of(OTHER, second.schema().find(PREDICTION).orElseThrow().type()),
            new OutputValue.FromColumn(OTHER)));
    outputs.add(new OutputColumn(Column.of(FOUND, Primitive.LONG), new OutputValue.Evidence()));
    ScoringPlan plan =
        new ScoringPlan(
            "diff",
            first.name(),
            new KeySource.TableRows(first, columns, false),
            keys,
            List.of(
                new Lookup(
                    second,
                    keys.stream().map(key -> new Lookup.KeyPair(key, key)).toList(),
                    null,
                    List.of(new Lookup.Feature(PREDICTION, OTHER)),
                    DuplicateKeys.FAIL)),
            List.of(),
            List.of(),
            outputs);
    try (Scratch scratch = Scratch.folder()) {
      EngineLimits limits =
          new EngineLimits(
              connections.memoryBytes(), connections.threads(), scratch.path().resolve("spill"));
      StagedScores staged =
          engine.stage(plan, new NoScores(), scratch.path(), limits, RunControl.unwatched());
      Tally tally = new Tally(keys);
      engine.read(staged.files(), tally);
      long matched = tally.equal + tally.different;
      return new Predictions(
          tally.equal,
          tally.different,
          tally.gone,
          Math.max(0, second.rows().orElse(matched) - matched),
          tally.greatest,
          tally.where);
    }
  }

  /** Counts joined rows: keys, the prediction, the other one, whether there is one. */
  private static final class Tally implements SqlEngine.Rows {
    private final List<String> keys;
    private long equal;
    private long different;
    private long gone;
    private double greatest = Double.NaN;
    private String where = "";

    Tally(List<String> keys) {
      this.keys = keys;
    }

    @Override
    public void columns(List<Column> columns) {}

    @Override
    public void row(List<@Nullable Object> values) {
      Object one = values.get(keys.size());
      Object other = values.get(keys.size() + 1);
      long found = ((Number) Objects.requireNonNull(values.get(keys.size() + 2))).longValue();
      if ((found & LookupEvidence.MATCHED) == 0) {
        gone++;
      } else if (Objects.equals(one, other)) {
        equal++;
      } else {
        different++;
        measure(values, one, other);
      }
    }

    private void measure(
        List<@Nullable Object> values, @Nullable Object one, @Nullable Object other) {
      if (!(one instanceof Number a) || !(other instanceof Number b)) {
        return;
      }
      double apart = Math.abs(a.doubleValue() - b.doubleValue());
      if (!(apart <= greatest)) {
        greatest = apart;
        List<String> key = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
          key.add(keys.get(i) + " = " + values.get(i));
        }
        where = String.join(", ", key);
      }
    }
  }
}
