package io.scorebatch.api.plan;

import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Where the rows to score come from. Immutable. */
public sealed interface KeySource {
  /** The columns it brings: keys, request-time features, columns to pass through. */
  List<Column> columns();

  /**
   * Rows of a table.
   *
   * @param table the table
   * @param columns columns to take
   * @param distinct true for each combination of values once, false for every row
   */
  record TableRows(TableSnapshot table, List<Column> columns, boolean distinct)
      implements KeySource {
    public TableRows {
      columns = List.copyOf(columns);
    }
  }

  /** The result of a read-only SQL query over the catalog, every row of it. */
  record Query(String sql, List<Column> columns) implements KeySource {
    public Query {
      columns = List.copyOf(columns);
    }
  }

  /** A local file, every row of it. */
  record File(Path path, Format format, List<Column> columns) implements KeySource {
    /** File formats of keys. */
    public enum Format {
      PARQUET,
      CSV,
      JSON_LINES;

      /** The format that a file's ending tells: {@code .parquet}, {@code .csv}, {@code .jsonl}. */
      public static Optional<Format> of(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        if (name.endsWith(".parquet")) {
          return Optional.of(PARQUET);
        }
        if (name.endsWith(".csv")) {
          return Optional.of(CSV);
        }
        boolean lines = name.endsWith(".jsonl") || name.endsWith(".ndjson");
        return lines ? Optional.of(JSON_LINES) : Optional.empty();
      }
    }

    public File {
      columns = List.copyOf(columns);
    }
  }
}
