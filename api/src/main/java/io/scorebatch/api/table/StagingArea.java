package io.scorebatch.api.table;

import java.nio.file.Path;

/**
 * A folder in which one writer stages the files of a table. It is the writer's alone as long as it
 * is open and the process lives; the operating system knows when either ends. Thread-safe.
 *
 * <p>Files that are committed stay where they are. What is left uncommitted when the area is closed
 * stays too, until {@link TableStore#clean} removes it: a batch that was held back can be looked
 * at.
 */
public interface StagingArea extends AutoCloseable {
  /** An empty folder when the area is opened; subfolders may be made in it. */
  Path folder();

  /** Gives the area up. */
  @Override
  void close();
}
