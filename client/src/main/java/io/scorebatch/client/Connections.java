package io.scorebatch.client;

import static java.util.Objects.requireNonNull;

import io.scorebatch.registry.mlflow.MlflowRegistries;
import io.scorebatch.table.delta.DeltaCatalogs;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where tables and models are, and what may be used to score. Immutable.
 *
 * @param tables a folder of tables or another catalog that {@link DeltaCatalogs} opens; empty for
 *     none
 * @param registry a registry that {@link MlflowRegistries} opens; empty for none
 * @param catalog default catalog of table names
 * @param schema default schema of table names
 * @param folder the folder relative paths start from
 * @param memoryBytes memory of the engine, beside the Java heap
 * @param threads worker threads
 * @param python whether Python may score, and which
 * @param certificates folder that keeps certificates of parity
 */
public record Connections(
    Optional<String> tables,
    Optional<String> registry,
    String catalog,
    String schema,
    Path folder,
    long memoryBytes,
    int threads,
    Python python,
    Path certificates) {
  public Connections {
    requireNonNull(tables, "tables is null");
    requireNonNull(registry, "registry is null");
    requireNonNull(catalog, "catalog is null");
    requireNonNull(schema, "schema is null");
    requireNonNull(folder, "folder is null");
    requireNonNull(python, "python is null");
    requireNonNull(certificates, "certificates is null");
  }

  /**
   * What the environment says: {@code SCOREBATCH_TABLES} for tables, {@code MLFLOW_REGISTRY_URI},
   * else {@code MLFLOW_TRACKING_URI} for models; {@code SCOREBATCH_CERTIFICATES} for certificates
   * (else the user's cache folder); {@link Python#fromEnvironment()}; a quarter of the memory and
   * all processors. Relative paths start from the working folder.
   */
  public static Connections fromEnvironment() {
    Path here = Path.of("").toAbsolutePath();
    return new Connections(
        variable("SCOREBATCH_TABLES").map(where -> DeltaCatalogs.absolute(where, here)),
        variable("MLFLOW_REGISTRY_URI")
            .or(() -> variable("MLFLOW_TRACKING_URI"))
            .map(uri -> MlflowRegistries.absolute(uri, here)),
        "main",
        "default",
        here,
        Machine.memoryBytes() / 4,
        Runtime.getRuntime().availableProcessors(),
        Python.fromEnvironment(),
        variable("SCOREBATCH_CERTIFICATES")
            .map(Path::of)
            .orElseGet(() -> Caches.folder().resolve("certificates")));
  }

  private static Optional<String> variable(String name) {
    return Optional.ofNullable(System.getenv(name)).filter(value -> !value.isBlank());
  }

  /** The same, with a table catalog where one is given. */
  public Connections withTables(@Nullable String value) {
    return value == null
        ? this
        : new Connections(
            Optional.of(value),
            registry,
            catalog,
            schema,
            folder,
            memoryBytes,
            threads,
            python,
            certificates);
  }

  /** The same, with a registry where one is given. */
  public Connections withRegistry(@Nullable String value) {
    return value == null
        ? this
        : new Connections(
            tables,
            Optional.of(value),
            catalog,
            schema,
            folder,
            memoryBytes,
            threads,
            python,
            certificates);
  }

  /** The same, with other default names. */
  public Connections withNames(String newCatalog, String newSchema) {
    return new Connections(
        tables,
        registry,
        newCatalog,
        newSchema,
        folder,
        memoryBytes,
        threads,
        python,
        certificates);
  }

  /** The same, with relative paths starting from another folder. */
  public Connections withFolder(Path newFolder) {
    return new Connections(
        tables,
        registry,
        catalog,
        schema,
        newFolder.toAbsolutePath(),
        memoryBytes,
        threads,
        python,
        certificates);
  }

  /** The same, with other limits. */
  public Connections withLimits(long newMemoryBytes, int newThreads) {
    return new Connections(
        tables,
        registry,
        catalog,
        schema,
        folder,
        newMemoryBytes,
        newThreads,
        python,
        certificates);
  }

  /** The same, with or without Python. */
  public Connections withPython(Python newPython) {
    return new Connections(
        tables, registry, catalog, schema, folder, memoryBytes, threads, newPython, certificates);
  }

  /** The same, with another folder of certificates where one is given. */
  public Connections withCertificates(@Nullable Path value) {
    return value == null
        ? this
        : new Connections(
            tables, registry, catalog, schema, folder, memoryBytes, threads, python, value);
  }

  /** The same without tables and registry: for callers that have them from elsewhere. */
  public Connections withoutStores() {
    return new Connections(
        Optional.empty(),
        Optional.empty(),
        catalog,
        schema,
        folder,
        memoryBytes,
        threads,
        python,
        certificates);
  }
}
