package io.scorebatch.pipeline.run;

import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps batches that gates stopped where people can look into them: as tables of a catalog in the
 * run's folder, under the names they would have had. Thread-safe.
 *
 * @param folder the catalog's folder
 * @param open opens a catalog of local tables
 */
record StagedBatches(Path folder, Function<Path, TableStore> open) {
  private static final Logger LOG = LoggerFactory.getLogger(StagedBatches.class);

  /**
   * Moves a batch's files there.
   *
   * @return the catalog's folder; empty where the batch could not be kept, and is discarded
   */
  Optional<String> keep(ScoringJob.Scored scored, TableName target, String why, String engineInfo) {
    try (TableStore store = open.apply(folder);
        StagingArea area = store.openStaging(target)) {
      store.commit(
          new TableCommit(
              target,
              scored.plan().outputSchema(),
              TableCommit.Mode.OVERWRITE,
              moved(scored.scores().files(), area.folder()),
              "Not published: " + why,
              Map.of("scorebatch.primary_key", String.join(",", scored.plan().keyColumns())),
              Optional.empty(),
              engineInfo,
              scored.plan().partitionColumns(),
              Optional.empty()));
      return Optional.of(folder.toString());
    } catch (RuntimeException e) {
      LOG.warn("the batch for {} could not be kept in {}", target, folder, e);
      scored.discard();
      return Optional.empty();
    }
  }

  /** Staged files in another folder. */
  static List<StagedFile> moved(List<StagedFile> files, Path folder) {
    List<StagedFile> moved = new ArrayList<>();
    for (StagedFile file : files) {
      Path to = folder.resolve(file.file().getFileName());
      try {
        Files.move(file.file(), to);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      moved.add(
          new StagedFile(
              to, file.sizeBytes(), file.rows(), file.partitionValues(), file.statistics()));
    }
    return moved;
  }
}
