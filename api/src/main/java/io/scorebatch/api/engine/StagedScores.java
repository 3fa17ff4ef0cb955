package io.scorebatch.api.engine;

import io.scorebatch.api.table.StagedFile;
import java.util.List;

/**
 * What staging gave. Immutable.
 *
 * @param files the files, not yet part of any table
 * @param statistics what is known of their rows
 * @param quarantined files with the bad rows, where the plan keeps them
 */
public record StagedScores(
    List<StagedFile> files, ScoreStatistics statistics, List<StagedFile> quarantined) {
  public StagedScores {
    files = List.copyOf(files);
    quarantined = List.copyOf(quarantined);
  }

  /** Without quarantined rows. */
  public StagedScores(List<StagedFile> files, ScoreStatistics statistics) {
    this(files, statistics, List.of());
  }
}
