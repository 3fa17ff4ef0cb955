package io.scorebatch.table.delta;

import io.scorebatch.api.table.TableStore;
import io.scorebatch.remote.Environment;
import io.scorebatch.remote.Patience;
import io.scorebatch.remote.S3Access;
import io.scorebatch.table.delta.DeltaCatalogs.Stores;
import io.scorebatch.testing.Fixtures;
import io.scorebatch.testing.PythonEnvironment;
import io.scorebatch.testing.ServerProcess;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** An S3 store on this machine, and catalogs on it. */
final class S3Store {
  static final String BUCKET = "lake";

  private S3Store() {}

  static ServerProcess start(Class<?> test, Path folder) {
    PythonEnvironment python =
        PythonEnvironment.require(
            Fixtures.root().resolve("table-delta/src/test/python/requirements-s3.txt"), test);
    return ServerProcess.s3(python, folder.resolve("s3"), BUCKET);
  }

  static Environment environment(String address, Path folder, String... more) {
    Map<String, String> variables = new HashMap<>();
    variables.put("AWS_ENDPOINT_URL_S3", address);
    variables.put("AWS_ACCESS_KEY_ID", "key");
    variables.put("AWS_SECRET_ACCESS_KEY", "s3cret");
    variables.put("AWS_REGION", "us-east-1");
    variables.put("MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR", "0.01");
    for (int i = 0; i < more.length; i += 2) {
      variables.put(more[i], more[i + 1]);
    }
    return new Environment(folder, variables);
  }

  /** The store's files as tables see them. */
  static S3Files files(String address, Path folder) {
    Environment environment = environment(address, folder);
    return new Stores(Patience.of(environment), folder.resolve("direct"), 1, folder)
        .open(S3Access.of(environment));
  }

  static TableStore open(String address, String root, Path folder, String... more) {
    return DeltaCatalogs.open(root, environment(address, folder, more), folder.resolve("cache"));
  }
}
