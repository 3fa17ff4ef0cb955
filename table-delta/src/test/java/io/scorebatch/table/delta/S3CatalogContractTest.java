package io.scorebatch.table.delta;

import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.testing.ServerProcess;
import io.scorebatch.testing.TableStoreContractTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** On an S3 store that lists seven names a page, so that each listing has several. */
class S3CatalogContractTest extends TableStoreContractTest {
  @TempDir static Path folder;
  private static ServerProcess store;
  private static S3Proxy proxy;

  private final String root = "s3://" + S3Store.BUCKET + "/a b/" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    store = S3Store.start(S3CatalogContractTest.class, folder);
    proxy =
        new S3Proxy(store.address()) {
          @Override
          String query(String method, String path, String query) {
            return query.contains("list-type=2") ? query + "&max-keys=7" : query;
          }
        };
  }

  @AfterAll
  static void stop() {
    proxy.close();
    store.close();
  }

  @Override
  protected TableStore openStore() {
    return S3Store.open(proxy.address(), root, folder);
  }

  @Override
  protected StagedFile stage(
      Path staging, String query, Map<String, @Nullable String> partitionValues) {
    return ParquetFiles.stage(staging, query, partitionValues);
  }

  @Override
  protected List<List<@Nullable Object>> rows(TableSnapshot snapshot) {
    try (TableStore catalog = openStore()) {
      return ParquetFiles.rows(catalog.materialize(snapshot));
    }
  }
}
