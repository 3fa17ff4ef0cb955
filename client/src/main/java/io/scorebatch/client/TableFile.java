package io.scorebatch.client;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.engine.SqlEngine;
import io.scorebatch.api.engine.StagedScores;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.OutputColumn;
import io.scorebatch.api.plan.OutputValue;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Column;
import io.scorebatch.engine.duckdb.DuckDbScoringEngine;
import io.scorebatch.pipeline.run.NoScores;
import io.scorebatch.table.delta.DirectoryCatalog;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads a small CSV or Parquet file as the engine reads the files of keys. */
final class TableFile {
  private static final long MEMORY_BYTES = 512L << 20;

  private TableFile() {}

  static Recording read(Path file, String source) {
    boolean csv = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT).endsWith(".csv");
    KeySource.File.Format format = csv ? KeySource.File.Format.CSV : KeySource.File.Format.PARQUET;
    Path path = file.toAbsolutePath();
    try (Scratch scratch = Scratch.folder();
        TableStore tables = DirectoryCatalog.open(scratch.path());
        ScoringEngine engine = DuckDbScoringEngine.open(tables)) {
      List<Column> columns = engine.describe(new KeySource.File(path, format, List.of()));
      List<String> names = columns.stream().map(Column::name).toList();
      List<OutputColumn> outputs = new ArrayList<>();
      for (Column column : columns) {
        outputs.add(new OutputColumn(column, new OutputValue.FromColumn(column.name())));
      }
      ScoringPlan plan =
          new ScoringPlan(
              "rows",
              new TableName("local", "files", "rows"),
              new KeySource.File(path, format, columns),
              names,
              List.of(),
              List.of(),
              List.of(),
              outputs);
      EngineLimits limits = new EngineLimits(MEMORY_BYTES, 1, scratch.path().resolve("spill"));
      StagedScores staged =
          engine.stage(
              plan,
              new NoScores(),
              scratch.path().resolve("staged"),
              limits,
              RunControl.unwatched());
      Collected rows = new Collected();
      engine.read(staged.files(), rows);
      return new Recording(names, rows.values, source);
    }
  }

  private static final class Collected implements SqlEngine.Rows {
    final List<List<@Nullable Object>> values = new ArrayList<>();

    @Override
    public void columns(List<Column> columns) {}

    @Override
    public void row(List<@Nullable Object> row) {
      values.add(new ArrayList<>(row));
    }
  }
}
