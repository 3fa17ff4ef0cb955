package io.scorebatch.registry.mlflow;

import io.scorebatch.remote.Content;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A folder of files on a server. Paths in it are relative, with {@code /}. Thread-safe. */
interface RemoteFolder {
  /** Where it is, for messages and as its identity in the cache; holds no secrets. */
  String description();

  /**
   * What is directly in a folder of it.
   *
   * @param directory the empty string for the folder itself
   */
  List<RemoteFile> list(String directory);

  /**
   * Opens a file. The reader closes the content.
   *
   * @param from bytes the reader has already
   * @param version of those bytes as {@link Content#version()} told it; null where unknown
   */
  Content open(String file, long from, @Nullable String version);

  /**
   * @param path relative to the folder that was opened, not to the one that was listed
   * @param bytes of a file; 0 for a folder
   */
  record RemoteFile(String path, boolean directory, long bytes) {}
}
