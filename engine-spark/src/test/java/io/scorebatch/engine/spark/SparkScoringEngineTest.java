package io.scorebatch.engine.spark;

import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.testing.ParquetWriter;
import io.scorebatch.testing.ScoringEngineContractTest;

final class SparkScoringEngineTest extends ScoringEngineContractTest {
  @Override
  protected ScoringEngine open(TableStore store) {
    return SparkScoringEngine.on(LocalSpark.session(), store);
  }

  @Override
  protected ParquetWriter writer() {
    return new SparkParquet(LocalSpark.session());
  }
}
