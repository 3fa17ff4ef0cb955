package io.scorebatch.spark;

import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.artifact.ArtifactReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * A small night on a local master: the example's registry, and a feature table that Spark made for
 * its cost models.
 */
final class SparkNight {
  static final String MODEL = "models:/main.ml.budget_forecaster/1";

  private static final Path FOLDER = makeFolder();

  private SparkNight() {}

  static Path folder() {
    return FOLDER;
  }

  static SparkSession spark() {
    return SparkSession.builder()
        .master("local[2]")
        .appName("scorebatch tests")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.sql.warehouse.dir", FOLDER.resolve("spark-warehouse").toString())
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
        .config(
            "spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
        .config("spark.sql.catalog.scorebatch", ModelFunctions.class.getName())
        .config("spark.sql.catalog.scorebatch.registry", registryUri())
        .getOrCreate();
  }

  static String registryUri() {
    return "sqlite:///" + FOLDER.resolve("mlflow.db");
  }

  /** The features of {@link #MODEL}, for 1,000 workspaces on one day. */
  static Dataset<Row> features(SparkSession spark) {
    ModelPackage model;
    try (ModelRegistry registry = ModelFunctions.open(FOLDER, registryUri())) {
      model = new ArtifactReader().read(registry.resolve(MODEL).folder());
    }
    List<String> columns = new ArrayList<>();
    columns.add("id AS workspace_id");
    columns.add("DATE'2025-09-16' AS usage_date");
    for (SpecColumn column : model.featureSpec().orElseThrow().columns()) {
      if (column instanceof SpecColumn.Looked looked) {
        columns.add("CAST(id * " + columns.size() + " % 997 AS DOUBLE) AS " + looked.feature());
      }
    }
    return spark.range(1000).selectExpr(columns.toArray(String[]::new));
  }

  private static Path makeFolder() {
    try {
      Path folder = Files.createTempDirectory("spark-night").toRealPath();
      Path zip =
          Path.of(System.getProperty("scorebatch.root"), "examples/health-monitor/registry.zip");
      try (ZipInputStream entries = new ZipInputStream(Files.newInputStream(zip))) {
        for (ZipEntry entry = entries.getNextEntry();
            entry != null;
            entry = entries.getNextEntry()) {
          Path file = folder.resolve(entry.getName());
          if (!entry.isDirectory()) {
            Files.createDirectories(file.getParent());
            Files.copy(entries, file);
          }
        }
      }
      return folder;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
