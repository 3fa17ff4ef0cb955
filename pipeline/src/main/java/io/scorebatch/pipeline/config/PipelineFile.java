package io.scorebatch.pipeline.config;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.pipeline.config.ModelSpec.Parity;
import io.scorebatch.pipeline.config.ModelSpec.Python;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.Node;

/** Reads pipeline files. All that is wrong in a file is reported at once, with its line. */
public final class PipelineFile {
  private static final Pattern SIZE = Pattern.compile("(\\d+)\\s*(B|KB|MB|GB|KIB|MIB|GIB)?");

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
      defaults.know(ModelEntry.DEFAULTABLE);
      defaults.refuseUnknownKeys();
    }
    Gates gates = GatesEntry.usual(defaults);
    Python python = top.choice("python", Python.class).orElse(Python.DENY);
    Parity parity = top.choice("parity", Parity.class).orElse(Parity.OPTIONAL);
    List<ModelSpec> models = new ArrayList<>();
    List<YamlMap> entries = top.maps("models", defaults);
    for (YamlMap entry : entries) {
      models.add(ModelEntry.read(entry, folder, python, parity, gates));
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
      Integer same = outputs.putIfAbsent(model.write().table().toLowerCase(Locale.ROOT), i);
      if (same != null && !(shares(model.write()) && shares(models.get(same).write()))) {
        entries
            .get(i)
            .wrong(
                "output_table",
                "'" + model.write().table() + "' is also the table of models[" + same + "].",
                "one would replace the other's rows: give each model its own table.");
      }
    }
  }

  /** Whether what a model writes leaves the rows of others alone. */
  private static boolean shares(WriteSpec write) {
    return write.mode() == WriteMode.APPEND
        || (write.mode() == WriteMode.REPLACE_WHERE && write.replaceWhere().isPresent());
  }
}
