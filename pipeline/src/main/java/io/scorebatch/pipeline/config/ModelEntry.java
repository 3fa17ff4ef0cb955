package io.scorebatch.pipeline.config;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.pipeline.config.ModelSpec.Parity;
import io.scorebatch.pipeline.config.ModelSpec.Python;
import io.scorebatch.pipeline.config.ModelSpec.Scoring;
import io.scorebatch.pipeline.config.ModelSpec.Source;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads one entry of a pipeline's list of models. */
final class ModelEntry {
  /** Keys that the map {@code defaults} may hold. */
  static final Set<String> DEFAULTABLE =
      Set.of(
          "mode",
          "partition_by",
          "replace_where",
          "slice_column",
          "deleted_keys",
          "incremental",
          "max_rows",
          "sample",
          "sample_seed",
          "sample_stratify",
          "gates",
          "fallback",
          "retries",
          "timeout",
          "on_bad_row",
          "max_bad_rows",
          "quarantine",
          "on_duplicate_key",
          "threshold",
          "passthrough",
          "output_kind",
          "python",
          "parity",
          "min_match_rate",
          "max_null_rate",
          "max_default_rate",
          "max_age",
          "lookback",
          "feature_evidence");

  private ModelEntry() {}

  /**
   * @param folder the folder relative paths start from
   * @param usualPython what the pipeline says of Python
   * @param usualParity what the pipeline says of parity
   * @param usualGates what the pipeline says of gates
   */
  static ModelSpec read(
      YamlMap entry, Path folder, Python usualPython, Parity usualParity, Gates usualGates) {
    String name = entry.required("model_name");
    String domain = entry.text("domain").orElse("OTHER").toUpperCase(Locale.ROOT);
    Optional<String> uri = entry.text("model_uri");
    Scoring scoring = entry.choice("scoring", Scoring.class).orElse(Scoring.SCORE_BATCH);
    OnFailure onFailure = FailureEntry.read(entry);
    KeySpec keys = keys(entry, folder);
    checkSource(entry, scoring, onFailure.has(Fallback.Method.MANUAL), keys);
    PredictionSpec prediction = prediction(entry);
    LookupSpec lookups =
        new LookupSpec(
            entry.choice("on_duplicate_key", DuplicateKeys.class).orElse(DuplicateKeys.FAIL),
            entry.window("lookback"),
            entry.flag("feature_evidence").orElse(false));
    Python python = entry.choice("python", Python.class).orElse(usualPython);
    Parity parity = entry.choice("parity", Parity.class).orElse(usualParity);
    Optional<IncrementalSpec> incremental = WriteEntry.incremental(entry, keys);
    WriteSpec write = WriteEntry.write(entry, incremental);
    FailureEntry.checkChain(entry, onFailure, incremental.isPresent(), write);
    SampleSpec sample = WriteEntry.sample(entry, keys);
    Gates gates = GatesEntry.of(entry, usualGates);
    BadRows badRows = FailureEntry.badRows(entry);
    entry.refuseUnknownKeys();
    return new ModelSpec(
        name,
        domain,
        uri,
        scoring,
        python,
        parity,
        keys,
        lookups,
        prediction,
        sample,
        incremental,
        write,
        gates,
        badRows,
        onFailure);
  }

  private static KeySpec keys(YamlMap entry, Path folder) {
    Optional<String> featureTable = entry.text("feature_table");
    Optional<Source> source = source(entry, folder);
    List<String> ids = entry.texts("id_columns");
    if (ids.isEmpty()) {
      entry.wrong("id_columns", "is missing.", "list the columns that identify a row.");
    }
    return new KeySpec(
        featureTable, source, ids, entry.texts("passthrough"), entry.texts("feature_columns"));
  }

  private static void checkSource(YamlMap entry, Scoring scoring, boolean fallback, KeySpec keys) {
    String addSource = "add source: {table: …}, {sql: …} or {file: …}.";
    if (scoring == Scoring.MANUAL && keys.source().isEmpty()) {
      entry.wrong("source", "is missing for manual scoring.", addSource);
    }
    if (keys.featureTable().isEmpty() && keys.source().isEmpty()) {
      if (scoring == Scoring.SCORE_BATCH) {
        entry.wrong(
            "feature_table", "is missing.", "name the table whose keys are scored, or a source.");
      }
      if (fallback) {
        entry.wrong("source", "is missing for the fallback.", addSource);
      }
    }
  }

  private static PredictionSpec prediction(YamlMap entry) {
    ModelType type =
        entry.has("model_type")
            ? entry.choice("model_type", ModelType.class).orElse(ModelType.RAW)
            : missingType(entry);
    Optional<OutputKind> kind = entry.choice("output_kind", OutputKind.class);
    Optional<String> alias = entry.text("prediction_alias");
    double threshold = entry.number("threshold").orElse(0.5);
    if (!(threshold >= 0 && threshold <= 1)) {
      entry.wrong("threshold", "is " + threshold + ".", "write a probability between 0 and 1.");
    }
    return new PredictionSpec(type, kind, alias, threshold);
  }

  private static ModelType missingType(YamlMap entry) {
    entry.wrong(
        "model_type",
        "is missing.",
        "choose regression, classification, multiclass, anomaly_detection or raw.");
    return ModelType.RAW;
  }

  private static Optional<Source> source(YamlMap entry, Path folder) {
    if (!entry.has("source")) {
      return Optional.empty();
    }
    if (!entry.isMap("source")) {
      return entry.text("source").map(Source.Table::new);
    }
    YamlMap map = entry.map("source").orElseThrow();
    Optional<String> table = map.text("table");
    Optional<String> sql = map.text("sql");
    Optional<String> file = map.text("file");
    map.refuseUnknownKeys();
    if (Stream.of(table, sql, file).filter(Optional::isPresent).count() != 1) {
      entry.wrong("source", "does not name one of table, sql and file.", "give one of them.");
    }
    if (file.isPresent()) {
      return fileSource(map, folder, file.get());
    }
    return sql.isPresent() ? sql.map(Source.Sql::new) : table.map(Source.Table::new);
  }

  private static Optional<Source> fileSource(YamlMap map, Path folder, String name) {
    try {
      Path file = folder.resolve(name).normalize();
      Optional<KeySource.File.Format> format = KeySource.File.Format.of(file);
      if (format.isEmpty()) {
        map.wrong(
            "file",
            "is '" + name + "', whose ending tells no format.",
            "end it with .parquet, .csv, .jsonl or .ndjson.");
      }
      return format.map(known -> new Source.File(file, known));
    } catch (InvalidPathException e) {
      map.wrong("file", "is '" + name + "', no path: " + e.getReason() + ".", "name a file.");
      return Optional.empty();
    }
  }
}
