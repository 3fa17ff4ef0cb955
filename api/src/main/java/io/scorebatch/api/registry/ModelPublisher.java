package io.scorebatch.api.registry;

/** Registers model versions. Thread-safe. */
public interface ModelPublisher extends AutoCloseable {
  /**
   * Stores a model's files and registers them as the next version of a name; the name is made where
   * it does not exist. Readers see the whole version or none.
   *
   * @param model the files and what to call them
   * @return the version made
   * @throws io.scorebatch.api.error.ScorebatchException {@code MODEL_URI_INVALID} where name or
   *     alias cannot be one; {@code REGISTRY_NOT_WRITABLE} with what of the version is left, where
   *     anything is
   */
  PublishedModel publish(ModelUpload model);

  /** Which registry this is, for messages and results; holds no secrets. */
  String description();

  @Override
  void close();
}
