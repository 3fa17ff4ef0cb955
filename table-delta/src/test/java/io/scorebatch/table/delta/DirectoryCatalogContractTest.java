package io.scorebatch.table.delta;

import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.testing.TableStoreContractTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

class DirectoryCatalogContractTest extends TableStoreContractTest {
  @TempDir Path root;

  @Override
  protected TableStore openStore() {
    return DirectoryCatalog.open(root);
  }

  @Override
  protected StagedFile stage(
      Path staging, String query, Map<String, @Nullable String> partitionValues) {
    return ParquetFiles.stage(staging, query, partitionValues);
  }

  @Override
  protected List<List<@Nullable Object>> rows(TableSnapshot snapshot) {
    return ParquetFiles.rows(snapshot);
  }
}
