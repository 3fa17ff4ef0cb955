package io.scorebatch.table.delta;

import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.remote.Environment;
import io.scorebatch.testing.TableStoreContractTest;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** A catalog whose new tables lie on this machine. */
class UnityCatalogContractTest extends TableStoreContractTest {
  @TempDir Path folder;
  private final FakeUnityCatalog catalog = new FakeUnityCatalog();

  @AfterEach
  void stop() {
    catalog.close();
  }

  @Override
  protected TableStore openStore() {
    Map<String, String> variables =
        Map.of(
            "MLFLOW_UC_OSS_TOKEN",
            FakeUnityCatalog.TOKEN,
            "SCOREBATCH_UC_TABLE_ROOT",
            folder.resolve("made here").toUri().toString());
    return DeltaCatalogs.open(
        catalog.address(), new Environment(folder, variables), folder.resolve("cache"));
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
