package io.scorebatch.api.engine;

import io.scorebatch.api.table.StagedFile;
import java.util.List;

/**
 * What staging gave. Immutable.
 *
 * @param files the files, not yet part of any table
 * @param statistics what is known of their rows
 */
public record StagedScores(List<StagedFile> files, ScoreStatistics statistics) {
  public StagedScores {
    files = List.copyOf(files);
  }
}
