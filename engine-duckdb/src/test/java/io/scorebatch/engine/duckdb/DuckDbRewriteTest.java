package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.testing.ParquetWriter;
import io.scorebatch.testing.RewriteContractTest;

final class DuckDbRewriteTest extends RewriteContractTest {
  @Override
  protected ScoringEngine open(TableStore store) {
    return DuckDbScoringEngine.open(store);
  }

  @Override
  protected ParquetWriter writer() {
    return new DuckParquet();
  }
}
