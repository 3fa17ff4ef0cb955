package io.scorebatch.client;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelPublisher;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.engine.duckdb.DuckDbScoringEngine;
import io.scorebatch.pipeline.run.Rooms;
import io.scorebatch.registry.mlflow.MlflowPublishers;
import io.scorebatch.registry.mlflow.MlflowRegistries;
import io.scorebatch.registry.mlflow.RegistrySettings;
import io.scorebatch.remote.Environment;
import io.scorebatch.table.delta.DeltaCatalogs;
import io.scorebatch.table.delta.DirectoryCatalog;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Chooses the implementation behind each contract. */
final class Wiring {
  private Wiring() {}

  static TableStore tables(Connections connections) {
    String where =
        connections
            .tables()
            .orElseThrow(
                () ->
                    ScorebatchException.of(
                        ErrorCode.USAGE,
                        "It is not said where the tables are.",
                        "",
                        "give --tables DIR|URI, set SCOREBATCH_TABLES, or write 'tables:' in the"
                            + " pipeline."));
    return DeltaCatalogs.open(
        where, new Environment(connections.folder(), System.getenv()), Caches.folder());
  }

  static ModelRegistry registry(Connections connections) {
    return MlflowRegistries.open(registryUri(connections), settings(connections));
  }

  /** The registry, to write to. */
  static ModelPublisher publisher(Connections connections) {
    return MlflowPublishers.open(registryUri(connections), settings(connections));
  }

  /** Registries that variables name are found from where the program was started. */
  private static RegistrySettings settings(Connections connections) {
    Map<String, String> variables = new HashMap<>(System.getenv());
    for (String variable : List.of("MLFLOW_REGISTRY_URI", "MLFLOW_TRACKING_URI")) {
      variables.computeIfPresent(
          variable, (name, uri) -> MlflowRegistries.absolute(uri, Path.of("").toAbsolutePath()));
    }
    return RegistrySettings.of(connections.folder(), Caches.folder()).withEnvironment(variables);
  }

  private static String registryUri(Connections connections) {
    return connections
        .registry()
        .orElseThrow(
            () ->
                ScorebatchException.of(
                    ErrorCode.USAGE,
                    "It is not said where the models are.",
                    "",
                    "give --registry URI, set MLFLOW_REGISTRY_URI or MLFLOW_TRACKING_URI, or"
                        + " write 'registry:' in the pipeline."));
  }

  /** The registry; where none is named, one that finds models by path only. */
  static ModelRegistry models(Connections connections) {
    ModelRegistry registry =
        connections.registry().isPresent()
            ? registry(connections)
            : new NoRegistry(connections.folder());
    return new FilesAndModels(registry, connections.folder());
  }

  /** All rooms; a registry that is not named fails only when a model is asked for. */
  static Rooms rooms(Connections connections) {
    TableStore tables = tables(connections);
    return new Rooms(
        models(connections),
        new FolderOrFileReader(),
        new NativeAndForeignScorers(connections.python()),
        tables,
        DuckDbScoringEngine.open(tables),
        CertificateFolder.of(connections),
        new RecordedRows(connections),
        DirectoryCatalog::open);
  }
}
