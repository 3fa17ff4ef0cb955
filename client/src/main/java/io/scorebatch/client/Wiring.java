package io.scorebatch.client;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.engine.duckdb.DuckDbScoringEngine;
import io.scorebatch.pipeline.run.Rooms;
import io.scorebatch.registry.mlflow.MlflowRegistries;
import io.scorebatch.registry.mlflow.RegistrySettings;
import io.scorebatch.table.delta.DirectoryCatalog;

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
                        "give --tables DIR, set SCOREBATCH_TABLES, or write 'tables:' in the"
                            + " pipeline."));
    if (where.matches("[a-z0-9]{2,}:.*")) {
      throw ScorebatchException.of(
          ErrorCode.USAGE,
          "Tables at '" + where + "' cannot be opened.",
          "This version reads directory catalogs.",
          "name a folder that holds <catalog>/<schema>/<table>.");
    }
    return DirectoryCatalog.open(connections.folder().resolve(where).normalize());
  }

  static ModelRegistry registry(Connections connections) {
    String where =
        connections
            .registry()
            .orElseThrow(
                () ->
                    ScorebatchException.of(
                        ErrorCode.USAGE,
                        "It is not said where the models are.",
                        "",
                        "give --registry URI, set MLFLOW_REGISTRY_URI or MLFLOW_TRACKING_URI, or"
                            + " write 'registry:' in the pipeline."));
    return MlflowRegistries.open(where, RegistrySettings.of(connections.folder(), Caches.folder()));
  }

  /** The registry; where none is named, one that finds models by path only. */
  static ModelRegistry models(Connections connections) {
    ModelRegistry registry =
        connections.registry().isPresent() ? registry(connections) : new NoRegistry();
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
        CertificateFolder.of(connections));
  }
}
