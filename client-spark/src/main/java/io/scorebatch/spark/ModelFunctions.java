package io.scorebatch.spark;

import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.registry.mlflow.MlflowRegistries;
import io.scorebatch.registry.mlflow.RegistrySettings;
import java.nio.file.Path;
import org.apache.spark.sql.connector.catalog.FunctionCatalog;
import org.apache.spark.sql.connector.catalog.Identifier;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.util.CaseInsensitiveStringMap;

/**
 * Registered models as SQL functions: a catalog plug-in for {@code spark.sql.catalog.scorebatch}.
 *
 * <pre>{@code
 * SELECT id, scorebatch.`models:/main.ml.cost@champion`(struct(*)) FROM features
 * SELECT id, scorebatch.predict('models:/main.ml.cost/3', struct(*)) FROM features
 * }</pre>
 *
 * <p>A function named by a model URI is resolved once, while the query is analysed: an alias means
 * one version in all of it. {@code predict} gets its URI as a value, so each executor resolves it;
 * it takes URIs that mean one version for ever, and refuses aliases, stages and {@code latest}.
 *
 * <p>The struct's fields are matched to the model's inputs by name; others are not looked at. The
 * result is the number (DOUBLE) the model's own {@code predict} returns; a value that the training
 * library would refuse fails the query. Functions score row by row: for many rows {@link
 * SparkFeatureEngineering} does more with the same time, and it looks features up.
 *
 * <p>Options: {@code registry}, the MLflow store or server, which executors must reach too; the
 * environment's if not set.
 */
public final class ModelFunctions implements FunctionCatalog {
  private static final String PREDICT = "predict";

  private String name = "";
  private String registry = "";

  @Override
  public void initialize(String catalog, CaseInsensitiveStringMap options) {
    name = catalog;
    registry = options.getOrDefault("registry", "");
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Identifier[] listFunctions(String[] namespace) {
    return new Identifier[] {Identifier.of(new String[0], PREDICT)};
  }

  @Override
  public UnboundFunction loadFunction(Identifier function) {
    return function.name().equalsIgnoreCase(PREDICT)
        ? new PredictFunction(registry)
        : ModelFunction.resolve(registry, function.name());
  }

  /** The registry of a URI; the environment's where it is empty. */
  static ModelRegistry open(String uri) {
    return open(Path.of("").toAbsolutePath(), uri);
  }

  /** The same, relative paths starting from a folder. */
  static ModelRegistry open(Path folder, String uri) {
    RegistrySettings settings =
        RegistrySettings.of(folder, Path.of(System.getProperty("java.io.tmpdir"), "scorebatch"));
    return uri.isEmpty()
        ? MlflowRegistries.openDefault(settings)
        : MlflowRegistries.open(uri, settings);
  }
}
