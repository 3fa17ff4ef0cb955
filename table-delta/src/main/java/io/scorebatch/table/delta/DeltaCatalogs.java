package io.scorebatch.table.delta;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.remote.DatabricksLogin;
import io.scorebatch.remote.Environment;
import io.scorebatch.remote.HttpSettings;
import io.scorebatch.remote.ObjectStore;
import io.scorebatch.remote.Patience;
import io.scorebatch.remote.S3Access;
import io.scorebatch.remote.S3Location;
import io.scorebatch.remote.UnityCatalogLogin;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * Opens catalogs of Delta tables by where they are.
 *
 * <table>
 * <caption>Forms</caption>
 * <tr><td>a folder, a path or {@code file:} URI</td><td>{@code <catalog>/<schema>/<table>} in
 * it</td></tr>
 * <tr><td>{@code s3://bucket/folder}</td><td>the same on S3 or a store that speaks like it; see
 * {@link S3Access} for addresses and credentials</td></tr>
 * <tr><td>{@code uc:http://host:8080}</td><td>an open source Unity Catalog, with the token of {@code
 * MLFLOW_UC_OSS_TOKEN}</td></tr>
 * <tr><td>{@code databricks}, {@code databricks-uc}, either with {@code ://profile}</td><td>the
 * Unity Catalog of a Databricks workspace; see {@link DatabricksLogin}</td></tr>
 * </table>
 *
 * <p>Further variables: {@code SCOREBATCH_TABLE_CACHE_BYTES}, the most that copies of object
 * stores' files may take (default 64 GiB), and {@code SCOREBATCH_UC_TABLE_ROOT}, the folder in
 * which new tables of a Unity Catalog are made.
 */
public final class DeltaCatalogs {
  private static final String CACHE_BYTES = "SCOREBATCH_TABLE_CACHE_BYTES";

  // One letter before the colon is a Windows drive, not a scheme.
  private static final String SCHEME = "[a-z][a-z0-9+.-]+:.*";

  private DeltaCatalogs() {}

  /**
   * Opens a catalog. The caller closes it.
   *
   * @param cacheFolder keeps copies of files between runs, and files that are staged for an object
   *     store; made on first use
   * @throws io.scorebatch.api.error.ScorebatchException {@code USAGE} where the text has none of
   *     the forms
   */
  public static TableStore open(String where, Environment environment, Path cacheFolder) {
    String text = where.strip();
    if (S3Location.isOne(text)) {
      Stores stores = stores(environment, cacheFolder);
      return new DirectoryCatalog(
          S3Location.of(text).toString(), stores.open(S3Access.of(environment)));
    }
    if (text.startsWith("uc:")) {
      HttpSettings http = HttpSettings.of(environment, ErrorCode.CATALOG_UNREADABLE);
      return new UnityCatalog(
          UnityCatalogLogin.service(text, environment, http),
          environment,
          stores(environment, cacheFolder));
    }
    if (text.matches("databricks(-uc)?(://.*)?")) {
      HttpSettings http = HttpSettings.of(environment, ErrorCode.CATALOG_UNREADABLE);
      return new UnityCatalog(
          DatabricksLogin.of(text, environment)
              .service("Unity Catalog of Databricks", environment, http),
          environment,
          stores(environment, cacheFolder));
    }
    if (text.toLowerCase(Locale.ROOT).matches("(abfss?|wasbs?|adl|gs|gcs|r2|oss|hdfs):.*")) {
      throw TableErrors.objectStore(text);
    }
    if (text.matches(SCHEME) && !text.startsWith("file:")) {
      throw TableErrors.place(text, "It has none of the forms known.");
    }
    try {
      Path folder = text.startsWith("file:") ? Path.of(URI.create(text)) : Path.of(text);
      return DirectoryCatalog.open(environment.baseFolder().resolve(folder));
    } catch (IllegalArgumentException e) {
      throw TableErrors.place(text, "It is no path: " + e.getMessage() + ".");
    }
  }

  /**
   * The same catalog, named in a way that does not depend on a folder.
   *
   * @param folder what a relative path in it starts from
   */
  public static String absolute(String where, Path folder) {
    String text = where.strip();
    if (text.isEmpty() || text.matches("databricks(-uc)?") || text.matches(SCHEME)) {
      return text;
    }
    try {
      return folder.resolve(text).normalize().toString();
    } catch (InvalidPathException e) {
      return text; // told when it is opened
    }
  }

  private static Stores stores(Environment environment, Path cacheFolder) {
    String bytes = environment.variable(CACHE_BYTES, Long.toString(64L << 30));
    if (!bytes.matches("[0-9]{1,18}")) {
      throw TableErrors.setting(CACHE_BYTES, "'" + bytes + "' is no number of bytes.");
    }
    return new Stores(
        Patience.of(environment),
        cacheFolder.resolve("tables"),
        Long.parseLong(bytes),
        cacheFolder.resolve("staging"));
  }

  /** How object stores are used on this machine. */
  record Stores(Patience patience, Path cache, long cacheBytes, Path staging) {
    /** A storage that the caller closes. */
    S3Files open(S3Access access) {
      return new S3Files(
          ObjectStore.open(
              access, patience, ErrorCode.TABLE_UNREADABLE, ErrorCode.TABLE_NOT_WRITABLE),
          new DataCache(cache, cacheBytes),
          staging);
    }
  }
}
