package io.scorebatch.api.model;

import java.nio.file.Path;

/** Reads artifact folders. Never executes anything found in them. Thread-safe. */
public interface ModelReader {
  /**
   * Reads the model in a folder that holds an MLmodel file.
   *
   * @throws io.scorebatch.api.error.ScorebatchException naming the file and what is missing,
   *     unreadable, unsupported or refused
   */
  ModelPackage read(Path folder);
}
