package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.type.Schema;
import io.scorebatch.engine.duckdb.WrittenFiles.WrittenFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** Writes what SELECTs give into new files of one folder. One thread at a time. */
final class ParquetCopy {
  private final Path folder;
  private final Instance instance;
  private final RunControl control;
  private final String id = UUID.randomUUID().toString();

  ParquetCopy(Path folder, Instance instance, RunControl control) {
    this.folder = folder;
    this.instance = instance;
    this.control = control;
  }

  /**
   * Writes a SELECT.
   *
   * @param select the SELECT
   * @param schema its columns; those it has beside them are partitions
   * @param partitions columns of the SELECT with the texts of partition values, by the name of the
   *     partition column: they go into no file, and each of their values has files of its own
   * @param options further options of the COPY, each with a comma before it
   */
  List<WrittenFile> write(
      String select, Schema schema, Map<String, String> partitions, String options)
      throws SQLException {
    // Snappy: a tenth to a seventh less processor time in all than zstd, a third more bytes.
    String copy =
        "COPY ("
            + select
            + ") TO "
            + Sql.text(folder.toString())
            + " (FORMAT parquet, COMPRESSION snappy, APPEND true, FILENAME_PATTERN 'part-"
            + id
            + "-{uuid}', RETURN_STATS true"
            + (partitions.isEmpty() ? ", PER_THREAD_OUTPUT true" : partitionedBy(partitions))
            + options
            + ")";
    List<WrittenFile> written =
        instance.query(copy, control, result -> WrittenFiles.read(result, schema, partitions));
    List<WrittenFile> files = new ArrayList<>();
    for (WrittenFile file : written) {
      if (file.staged().rows() == 0) {
        delete(file.staged().file());
      } else {
        files.add(file);
      }
    }
    return files;
  }

  private static String partitionedBy(Map<String, String> partitions) {
    String names =
        partitions.values().stream().map(Sql::name).collect(Collectors.joining(", ", "(", ")"));
    return ", PARTITION_BY " + names + ", HIVE_FILE_PATTERN false";
  }

  /** Names for the texts of partition values that no column of a schema has. */
  static Map<String, String> partitionNames(List<String> partitionColumns, Schema schema) {
    Map<String, String> names = new LinkedHashMap<>();
    String prefix = "_sb_partition";
    while (startsOne(schema, prefix)) {
      prefix += "_";
    }
    for (String column : partitionColumns) {
      names.put(column, prefix + names.size());
    }
    return names;
  }

  private static boolean startsOne(Schema schema, String prefix) {
    return schema.names().stream()
        .anyMatch(name -> name.regionMatches(true, 0, prefix, 0, prefix.length()));
  }

  static List<StagedFile> staged(List<WrittenFile> files) {
    return files.stream().map(WrittenFile::staged).toList();
  }

  /** Deletes all that was written. */
  void deleteFiles() {
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + id + "*")) {
      files.forEach(ParquetCopy::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
