package io.scorebatch.artifact.pickle;

/**
 * Memory a file may ask for, in proportion to its size. Few bytes can name the same array many
 * times, so copies of arrays are charged too. One thread at a time.
 */
public final class Budget {
  private static final long BASE = 64L << 20;
  private static final long PER_BYTE = 32;

  private final String source;
  private final long limit;
  private long used;

  /**
   * @param source the file's name, for messages
   * @param fileSize bytes of the file, inflated
   */
  public Budget(String source, long fileSize) {
    this.source = source;
    this.limit = BASE + PER_BYTE * fileSize;
  }

  /** Counts memory before it is taken. */
  public void charge(long bytes) {
    used += bytes;
    if (used > limit) {
      throw PickleErrors.tooLarge(source, "asks for more than " + (limit >> 20) + " MiB of memory");
    }
  }
}
