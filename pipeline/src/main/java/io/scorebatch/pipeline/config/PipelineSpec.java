package io.scorebatch.pipeline.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A pipeline file. Immutable.
 *
 * @param name the file's name without its ending
 * @param folder the folder relative paths start from: the file's own
 * @param catalog default catalog of table and model names
 * @param schema default schema of table and model names
 * @param tables where the tables are; empty where the command line or environment says
 * @param registry where the models are; empty as for tables
 * @param engine {@code duckdb} or {@code spark}
 * @param maxWorkers models scored at once; empty for the default
 * @param memoryLimitBytes memory of the engine for all workers together; empty for the default
 * @param functions SQL expression by full name of an on-demand function, lower case
 * @param javaFunctions class name by full name of an on-demand function, lower case
 * @param models in file order
 */
public record PipelineSpec(
    String name,
    Path folder,
    String catalog,
    String schema,
    Optional<String> tables,
    Optional<String> registry,
    String engine,
    OptionalInt maxWorkers,
    OptionalLong memoryLimitBytes,
    Map<String, String> functions,
    Map<String, String> javaFunctions,
    List<ModelSpec> models) {
  public PipelineSpec {
    functions = Map.copyOf(functions);
    javaFunctions = Map.copyOf(javaFunctions);
    models = List.copyOf(models);
  }

  /** The same pipeline with Python allowed for every model, whatever the file says. */
  public PipelineSpec withPythonAllowed() {
    return new PipelineSpec(
        name,
        folder,
        catalog,
        schema,
        tables,
        registry,
        engine,
        maxWorkers,
        memoryLimitBytes,
        functions,
        javaFunctions,
        models.stream().map(model -> model.withPython(ModelSpec.Python.ALLOW)).toList());
  }

  /** The same pipeline on another engine. */
  public PipelineSpec withEngine(String other) {
    return new PipelineSpec(
        name,
        folder,
        catalog,
        schema,
        tables,
        registry,
        other,
        maxWorkers,
        memoryLimitBytes,
        functions,
        javaFunctions,
        models);
  }
}
