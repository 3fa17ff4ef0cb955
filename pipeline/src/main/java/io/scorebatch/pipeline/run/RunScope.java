package io.scorebatch.pipeline.run;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.Sample;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.pipeline.config.IncrementalSpec;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.ModelSpec.Source;
import io.scorebatch.pipeline.config.WriteMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Optional;

/**
 * Which rows a run is about, beyond what the pipeline file says. Immutable.
 *
 * @param asOf which version of the feature tables is read; empty for the newest
 * @param slice the slice that is written, once; a day where a model has a slice column
 * @param incremental whether models that say nothing score only what is new
 * @param fullRefresh whether all rows are scored, and a slice written again
 * @param sample how many rows are scored of each model; empty for what the file says
 */
public record RunScope(
    Optional<AsOf> asOf,
    Optional<String> slice,
    boolean incremental,
    boolean fullRefresh,
    Optional<Sample.Size> sample) {
  /** What the file says, on the newest versions of all tables. */
  public static final RunScope USUAL =
      new RunScope(Optional.empty(), Optional.empty(), false, false, Optional.empty());

  /** The same on other versions of the feature tables. */
  public RunScope asOf(Optional<AsOf> moment) {
    return new RunScope(moment, slice, incremental, fullRefresh, sample);
  }

  /** The same for one slice. */
  public RunScope slice(String name) {
    return new RunScope(asOf, Optional.of(name), incremental, fullRefresh, sample);
  }

  /**
   * A model as this run scores it.
   *
   * @throws ScorebatchException {@code USAGE} where the model cannot be run for this scope
   */
  ModelSpec applied(ModelSpec model) {
    ModelSpec sampled =
        sample.map(size -> model.withSample(model.sample().withSize(size))).orElse(model);
    if (slice.isPresent()) {
      checkSlice(model);
    }
    if (slice.isPresent() || asOf.isPresent()) {
      // What was new then is not what is new now: all rows of the moment are scored.
      return sampled.withIncremental(Optional.empty(), model.write());
    }
    boolean query = model.keys().source().filter(s -> !(s instanceof Source.Table)).isPresent();
    boolean canTell = model.write().mode() == WriteMode.OVERWRITE && !query;
    return incremental && model.incremental().isEmpty() && canTell
        ? sampled.withIncremental(
            Optional.of(IncrementalSpec.BY_TABLE_VERSION), model.write().withMode(WriteMode.MERGE))
        : sampled;
  }

  private void checkSlice(ModelSpec model) {
    String name = slice.orElseThrow();
    if (model.write().sliceColumn().isPresent()) {
      try {
        LocalDate.parse(name);
      } catch (DateTimeException e) {
        throw ScorebatchException.of(
            ErrorCode.USAGE,
            "Slice '" + name + "' is no day.",
            "Model '" + model.modelName() + "' writes the day of its slice to a column.",
            "name it by its day, such as 2024-05-01.");
      }
    }
    if (fullRefresh && model.write().mode() == WriteMode.APPEND) {
      throw ScorebatchException.of(
          ErrorCode.USAGE,
          "Slice '" + name + "' of model '" + model.modelName() + "' cannot be written again.",
          "Its table is appended to: the slice's rows would stand there twice.",
          "set mode: replace_where with a slice_column.");
    }
  }

  /** The day a model's rows are for, where it has a column for it. */
  Optional<LocalDate> day(ModelSpec model, java.time.Instant startedAt) {
    return model
        .write()
        .sliceColumn()
        .map(
            column ->
                slice
                    .map(LocalDate::parse)
                    .orElseGet(() -> LocalDate.ofInstant(startedAt, ZoneOffset.UTC)));
  }
}
