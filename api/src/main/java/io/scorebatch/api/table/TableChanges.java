package io.scorebatch.api.table;

import java.util.List;

/**
 * What was written to a table between two versions. Immutable.
 *
 * @param files files that hold every row inserted or updated between, and maybe rows that were only
 *     moved; of a table with a change data feed, the feed's files where there are any
 * @param rowsRemoved whether rows may have been deleted or updated whose keys {@code files} does
 *     not tell
 */
public record TableChanges(List<DataFile> files, boolean rowsRemoved) {
  public TableChanges {
    files = List.copyOf(files);
  }

  public boolean isEmpty() {
    return files.isEmpty() && !rowsRemoved;
  }
}
