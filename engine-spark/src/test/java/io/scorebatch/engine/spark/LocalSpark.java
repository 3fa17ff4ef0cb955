package io.scorebatch.engine.spark;

import org.apache.spark.sql.classic.SparkSession;

/** A session of this JVM, started once for all tests. */
final class LocalSpark {
  private LocalSpark() {}

  static SparkSession session() {
    return (SparkSession)
        org.apache.spark.sql.SparkSession.builder()
            .master("local[2]")
            .appName("scorebatch tests")
            .config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", "target/spark-warehouse")
            .config("spark.driver.host", "localhost")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config(
                "spark.sql.catalog.spark_catalog",
                "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .getOrCreate();
  }
}
