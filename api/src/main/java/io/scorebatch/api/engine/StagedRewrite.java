package io.scorebatch.api.engine;

import io.scorebatch.api.table.StagedFile;
import java.util.List;
import java.util.Set;

/**
 * A table without some of its rows. Immutable.
 *
 * @param replaced {@link io.scorebatch.api.table.DataFile#path} of the table's files that held such
 *     rows
 * @param files what is left of them, not yet part of any table
 * @param removed how many rows were taken out
 */
public record StagedRewrite(Set<String> replaced, List<StagedFile> files, long removed) {
  public StagedRewrite {
    replaced = Set.copyOf(replaced);
    files = List.copyOf(files);
  }
}
