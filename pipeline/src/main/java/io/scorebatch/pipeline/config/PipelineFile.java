package io.scorebatch.pipeline.config;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.pipeline.config.FeatureChecks.Limit;
import io.scorebatch.pipeline.config.ModelSpec.Parity;
import io.scorebatch.pipeline.config.ModelSpec.Python;
import io.scorebatch.pipeline.config.ModelSpec.Scoring;
import io.scorebatch.pipeline.config.ModelSpec.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads pipeline files. All that is wrong in a file is reported at once, with its line. */
public final class PipelineFile {
  private static final Set<String> DEFAULTABLE =
      Set.of(
          "mode",
          "max_rows",
          "fallback",
          "on_duplicate_key",
          "threshold",
          "passthrough",
          "output_kind",
          "python",
          "parity",
          "min_match_rate",
          "max_null_rate",
          "max_age",
          "feature_evidence",
          "lookback");
  private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(B|KB|MB|GB|KIB|MIB|GIB)?");

  private static final Pattern AGE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([smhd])");

  private PipelineFile() {}

  /**
   * Reads a pipeline file.
   *
   * @throws ScorebatchException {@code PIPELINE_INVALID} with every problem found, {@code
   *     FILE_UNREADABLE}
   */
  public static PipelineSpec read(Path path) {
    String text;
    try {
      text = Files.readString(path);
    } catch (IOException e) {
      throw ScorebatchException.of(
          ErrorCode.FILE_UNREADABLE,
          "The pipeline file '" + path + "' cannot be read: " + e + ".",
          "",
          "name it with -f, or run in the folder that holds pipeline.yaml.");
    }
    Path absolute = path.toAbsolutePath().normalize();
    Path parent = absolute.getParent();
    return parse(text, String.valueOf(path.getFileName()), parent == null ? absolute : parent);
  }

  static PipelineSpec parse(String text, String fileName, Path folder) {
    Problems problems = new Problems();
    Node root = compose(text, fileName);
    YamlMap top = new YamlMap(fileName, "", root, problems, null);
    problems.throwIfAny();

    String version = top.required("version");
    if (!version.equals("1") && !version.equals("?")) {
      top.wrong("version", "is '" + version + "'.", "this program reads version 1.");
    }
    String catalog = top.required("catalog");
    String schema = top.required("schema");
    Optional<String> tables = top.text("tables");
    Optional<String> registry = top.text("registry");
    String engine = top.text("engine").orElse("duckdb");
    if (!Set.of("duckdb", "spark").contains(engine)) {
      top.wrong("engine", "is '" + engine + "'.", "choose duckdb or spark.");
    }
    OptionalInt workers =
        top.positive("max_workers").map(OptionalInt::of).orElseGet(OptionalInt::empty);
    OptionalLong memory = memoryLimit(top);
    Map<String, String> functions = new LinkedHashMap<>();
    Map<String, String> javaFunctions = new LinkedHashMap<>();
    top.map("functions").ifPresent(map -> functions(map, functions, javaFunctions));
    @Nullable YamlMap defaults = top.map("defaults").orElse(null);
    if (defaults != null) {
      defaults.know(DEFAULTABLE);
      defaults.refuseUnknownKeys();
    }
    Python python = top.choice("python", Python.class).orElse(Python.DENY);
    Parity parity = top.choice("parity", Parity.class).orElse(Parity.OPTIONAL);
    List<ModelSpec> models = new ArrayList<>();
    List<YamlMap> entries = top.maps("models", defaults);
    for (YamlMap entry : entries) {
      models.add(model(entry, folder, python, parity));
    }
    if (entries.isEmpty()) {
      top.wrong("models", "has no model.", "list the models to score.");
    }
    top.refuseUnknownKeys();
    checkUnique(entries, models);
    problems.throwIfAny();
    String name = fileName.replaceFirst("\\.ya?ml$", "");
    return new PipelineSpec(
        name,
        folder,
        catalog,
        schema,
        tables,
        registry,
        engine,
        workers,
        memory,
        functions,
        javaFunctions,
        models);
  }

  private static Node compose(String text, String fileName) {
    LoadSettings settings =
        LoadSettings.builder()
            .setLabel(fileName)
            .setAllowDuplicateKeys(true) // told by us, with all else
            .setMaxAliasesForCollections(50)
            .setCodePointLimit(10_000_000)
            .build();
    try {
      return new Compose(settings)
          .composeString(text)
          .orElseThrow(
              () ->
                  ScorebatchException.of(
                      ErrorCode.PIPELINE_INVALID,
                      fileName + " is empty.",
                      "",
                      "start from the pipeline.yaml that 'scorebatch demo' writes."));
    } catch (YamlEngineException e) {
      throw ScorebatchException.of(
          ErrorCode.PIPELINE_INVALID,
          fileName + " is no YAML: " + String.valueOf(e.getMessage()).replaceAll("\\s+", " "),
          "",
          "mend the line named.");
    }
  }

  private static OptionalLong memoryLimit(YamlMap top) {
    Optional<String> text = top.text("memory_limit");
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    OptionalLong bytes = parseSize(text.get());
    if (bytes.isEmpty()) {
      top.wrong("memory_limit", "is '" + text.get() + "'.", "write a size such as 2GB or 600MB.");
    }
    return bytes;
  }

  /** Reads a size: {@code 600MB}, {@code 2 GiB}; empty where the text is none. */
  public static OptionalLong parseSize(String text) {
    Matcher matcher = SIZE.matcher(text.strip().toUpperCase(Locale.ROOT));
    if (!matcher.matches()) {
      return OptionalLong.empty();
    }
    long factor =
        switch (matcher.group(2) == null ? "B" : matcher.group(2)) {
          case "KB" -> 1_000L;
          case "MB" -> 1_000_000L;
          case "GB" -> 1_000_000_000L;
          case "KIB" -> 1L << 10;
          case "MIB" -> 1L << 20;
          case "GIB" -> 1L << 30;
          default -> 1L;
        };
    try {
      return OptionalLong.of(Math.multiplyExact(Long.parseLong(matcher.group(1)), factor));
    } catch (ArithmeticException | NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** Bodies are SQL, or {@code {java: class}}. */
  private static void functions(
      YamlMap map, Map<String, String> functions, Map<String, String> javaFunctions) {
    for (String name : map.keys()) {
      String function = name.toLowerCase(Locale.ROOT);
      if (map.isMap(name)) {
        YamlMap body = map.map(name).orElseThrow();
        javaFunctions.put(function, body.required("java"));
        body.refuseUnknownKeys();
      } else {
        map.text(name).ifPresent(sql -> functions.put(function, sql));
      }
    }
  }

  private static ModelSpec model(
      YamlMap entry, Path folder, Python usualPython, Parity usualParity) {
    String name = entry.required("model_name");
    String domain = entry.text("domain").orElse("OTHER").toUpperCase(Locale.ROOT);
    Optional<String> uri = entry.text("model_uri");
    Scoring scoring = entry.choice("scoring", Scoring.class).orElse(Scoring.SCORE_BATCH);
    boolean fallback = fallback(entry);
    Optional<String> featureTable = entry.text("feature_table");
    Optional<Source> source = source(entry, folder);
    if (scoring == Scoring.MANUAL && source.isEmpty()) {
      entry.wrong(
          "source",
          "is missing for manual scoring.",
          "add source: {table: …}, {sql: …} or {file: …}.");
    }
    if (scoring == Scoring.SCORE_BATCH && featureTable.isEmpty() && source.isEmpty()) {
      entry.wrong(
          "feature_table", "is missing.", "name the table whose keys are scored, or a source.");
    }
    if (fallback && source.isEmpty() && featureTable.isEmpty()) {
      entry.wrong(
          "source",
          "is missing for the fallback.",
          "add source: {table: …}, {sql: …} or {file: …}.");
    }
    List<String> ids = entry.texts("id_columns");
    if (ids.isEmpty()) {
      entry.wrong("id_columns", "is missing.", "list the columns that identify a row.");
    }
    List<String> features = entry.texts("feature_columns");
    List<String> passthrough = entry.texts("passthrough");
    String outputTable = entry.required("output_table");
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
    DuplicateKeys duplicates =
        entry.choice("on_duplicate_key", DuplicateKeys.class).orElse(DuplicateKeys.FAIL);
    TableCommit.Mode mode =
        entry.choice("mode", TableCommit.Mode.class).orElse(TableCommit.Mode.OVERWRITE);
    Python python = entry.choice("python", Python.class).orElse(usualPython);
    Parity parity = entry.choice("parity", Parity.class).orElse(usualParity);
    FeatureChecks checks =
        new FeatureChecks(
            limit(entry, "min_match_rate", PipelineFile::rate),
            limit(entry, "max_null_rate", PipelineFile::rate),
            limit(entry, "max_age", PipelineFile::seconds));
    boolean evidence = entry.flag("feature_evidence").orElse(false);
    Optional<Duration> lookback = entry.text("lookback").flatMap(text -> window(entry, text));
    if (entry.has("max_rows")) {
      entry.wrong("max_rows", "is set, but rows cannot be capped yet.", "write null.");
    }
    entry.refuseUnknownKeys();
    return new ModelSpec(
        name,
        domain,
        uri,
        scoring,
        fallback,
        featureTable,
        source,
        ids,
        features,
        passthrough,
        outputTable,
        type,
        kind,
        alias,
        threshold,
        duplicates,
        mode,
        python,
        parity,
        checks,
        evidence,
        lookback);
  }

  private static Optional<Duration> window(YamlMap entry, String text) {
    Optional<Duration> window = Windows.parse(text);
    if (window.isEmpty()) {
      entry.wrong(
          "lookback",
          "is '" + text + "'.",
          "write a span such as 36h, or 0s for that very moment.");
    }
    return window;
  }

  /** One value, beyond which the model fails, or {@code {fail: …, warn: …}}. */
  private static Optional<Limit> limit(
      YamlMap entry, String key, Function<String, OptionalDouble> reader) {
    if (!entry.has(key)) {
      return Optional.empty();
    }
    if (!entry.isMap(key)) {
      return entry
          .text(key)
          .map(text -> new Limit(value(entry, key, text, reader), OptionalDouble.empty()));
    }
    YamlMap map = entry.map(key).orElseThrow();
    OptionalDouble fail = value(map, "fail", map.text("fail").orElse(null), reader);
    OptionalDouble warn = value(map, "warn", map.text("warn").orElse(null), reader);
    map.refuseUnknownKeys();
    if (!map.has("fail") && !map.has("warn")) {
      entry.wrong(key, "names no limit.", "write {fail: …, warn: …}, or one value.");
    }
    return Optional.of(new Limit(fail, warn));
  }

  private static OptionalDouble value(
      YamlMap map, String key, @Nullable String text, Function<String, OptionalDouble> reader) {
    if (text == null) {
      return OptionalDouble.empty();
    }
    OptionalDouble value = reader.apply(text);
    if (value.isEmpty()) {
      map.wrong(key, "is '" + text + "'.", "write a share from 0 to 1, or an age such as 36h.");
    }
    return value;
  }

  private static OptionalDouble rate(String text) {
    try {
      double rate = Double.parseDouble(text);
      return rate >= 0 && rate <= 1 ? OptionalDouble.of(rate) : OptionalDouble.empty();
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }

  /** Seconds of {@code 30s}, {@code 90m}, {@code 36h} or {@code 2d}. */
  private static OptionalDouble seconds(String text) {
    Matcher matcher = AGE.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!matcher.matches()) {
      return OptionalDouble.empty();
    }
    double unit =
        switch (matcher.group(2)) {
          case "d" -> 86_400;
          case "h" -> 3_600;
          case "m" -> 60;
          default -> 1;
        };
    return OptionalDouble.of(Double.parseDouble(matcher.group(1)) * unit);
  }

  private static ModelType missingType(YamlMap entry) {
    entry.wrong(
        "model_type",
        "is missing.",
        "choose regression, classification, multiclass, anomaly_detection or raw.");
    return ModelType.RAW;
  }

  private static boolean fallback(YamlMap entry) {
    String text = entry.text("fallback").orElse("none");
    if (!Set.of("none", "manual").contains(text)) {
      entry.wrong("fallback", "is '" + text + "'.", "choose none or manual.");
    }
    return text.equals("manual");
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

  private static void checkUnique(List<YamlMap> entries, List<ModelSpec> models) {
    Map<String, Integer> names = new HashMap<>();
    Map<String, Integer> outputs = new HashMap<>();
    for (int i = 0; i < models.size(); i++) {
      ModelSpec model = models.get(i);
      if (model.modelName().equals("?")) {
        continue;
      }
      Integer other = names.putIfAbsent(model.modelName(), i);
      if (other != null) {
        entries
            .get(i)
            .wrong(
                "model_name",
                "'" + model.modelName() + "' is also the name of models[" + other + "].",
                "give each model its own name.");
      }
      Integer same = outputs.putIfAbsent(model.outputTable().toLowerCase(Locale.ROOT), i);
      if (same != null && model.mode() == TableCommit.Mode.OVERWRITE) {
        entries
            .get(i)
            .wrong(
                "output_table",
                "'" + model.outputTable() + "' is also the table of models[" + same + "].",
                "one would replace the other's rows: give each model its own table.");
      }
    }
  }
}
