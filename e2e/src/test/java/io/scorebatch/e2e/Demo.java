package io.scorebatch.e2e;

import io.scorebatch.client.Connections;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.testing.Fixtures;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The reference workload, written and run once for all tests of this module. */
final class Demo {
  private static @Nullable Demo instance;

  private final Path folder;
  private final PackagedProgram.Result result;

  private Demo(Path folder, PackagedProgram.Result result) {
    this.folder = folder;
    this.result = result;
  }

  static synchronized Demo once() {
    Demo demo = instance;
    if (demo == null) {
      Path root = Fixtures.root().resolve("e2e/target");
      Path folder = root.resolve("demo-" + System.nanoTime());
      demo = new Demo(folder, PackagedProgram.run(root, "demo", "--dir", folder.toString()));
      instance = demo;
    }
    return demo;
  }

  Path folder() {
    return folder;
  }

  PackagedProgram.Result result() {
    return result;
  }

  Connections connections() {
    return Connections.fromEnvironment()
        .withFolder(folder)
        .withTables(folder.resolve("warehouse").toString())
        .withRegistry("sqlite:///mlflow.db")
        .withNames("main", "ml");
  }

  /** The rows of a query, each by column name. */
  List<Map<String, @Nullable Object>> sql(String query) {
    try (FeatureEngineeringClient client = FeatureEngineeringClient.connect(connections())) {
      CollectedRows rows = new CollectedRows();
      client.sql(query, rows);
      return rows.rows();
    }
  }

  /** Collects a small result. */
  static final class CollectedRows implements io.scorebatch.api.engine.SqlEngine.Rows {
    private List<String> names = List.of();
    private final List<Map<String, @Nullable Object>> rows = new ArrayList<>();

    @Override
    public void columns(List<io.scorebatch.api.type.Column> columns) {
      names = columns.stream().map(io.scorebatch.api.type.Column::name).toList();
    }

    @Override
    public void row(List<@Nullable Object> values) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      for (int i = 0; i < names.size(); i++) {
        row.put(names.get(i), values.get(i));
      }
      rows.add(row);
    }

    List<Map<String, @Nullable Object>> rows() {
      return rows;
    }
  }
}
