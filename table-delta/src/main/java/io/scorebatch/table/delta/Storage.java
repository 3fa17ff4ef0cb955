package io.scorebatch.table.delta;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.utils.FileStatus;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Where tables' files are: what Delta Kernel asks of it, and what we ask besides. A place is a
 * text: a local path or {@code s3://bucket/key}. Thread-safe.
 */
interface Storage extends FileIO, AutoCloseable {
  /** The place of that name in a folder. */
  String child(String folder, String name);

  /** The place that a path in a table's log means; the log escapes paths as URIs do. */
  String resolve(String folder, String logged);

  boolean isFolder(String folder);

  /** Names of the folders in a folder, sorted; none where it does not exist. */
  List<String> folders(String folder);

  /**
   * The first files of a folder by name; none where it does not exist.
   *
   * @param most no more are of use
   */
  List<FileStatus> files(String folder, int most);

  /** A log of up to so many versions is read whole rather than from its checkpoint. */
  int shortLogVersions();

  /** The file as one of this machine: itself or a copy that stays until this is closed. */
  Path localCopy(String file) throws IOException;

  /** What is equal for a file and a copy of it that {@link #materialize} gave, in any process. */
  String identity(String file);

  /** A new name on this machine for what is to become a file. */
  Path beside(String file) throws IOException;

  /**
   * Makes a finished file appear under its name, which must not be taken.
   *
   * @throws java.nio.file.FileAlreadyExistsException where it is taken
   */
  void publish(Path finished, String file) throws IOException;

  /** The snapshot with its data files as files of this machine. */
  TableSnapshot materialize(TableSnapshot snapshot);

  /**
   * Checks, without writing, what can be known of whether a table's folder lets us write.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code TABLE_NOT_WRITABLE}
   */
  void checkWritable(TableName table, String folder);

  /** The folder of this machine that holds a table's staging folders. */
  Path stagingFolder(String folder);

  /** Brings staged files to where the log will say they are, before it does. */
  void upload(TableName table, String folder, List<StagedFile> files);

  /** Takes back what {@link #upload} brought, for a commit that was not made. */
  void takeBack(String folder, List<StagedFile> files);

  /** Removes what a commit that was made has left in the staging folder. */
  void clean(List<StagedFile> files);

  /**
   * What there is to remove of a staged file nobody will commit any more.
   *
   * @param staged its place on this machine
   * @param tail its place in the folder of the table
   * @param committed whether a version of the table names it
   * @return what {@link #delete} takes
   */
  List<String> leftovers(String folder, Path staged, String tail, boolean committed);

  @Override
  void close();
}
