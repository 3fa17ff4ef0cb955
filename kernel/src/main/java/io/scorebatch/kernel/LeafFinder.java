package io.scorebatch.kernel;

/**
 * Finds the leaf each row ends in. Leaves are numbered in the finder's own order of nodes; {@link
 * #order} leads back to the table's. Immutable, thread-safe.
 */
interface LeafFinder {
  /** The node of the {@link io.scorebatch.api.model.TreeTable} for each of the finder's nodes. */
  int[] order();

  /** Prepares a search over rows {@code start .. start + count - 1} of a frame. */
  Search search(Frame frame, int start, int count);

  /** Most rows a search may have. */
  int maxRows();

  /** One thread. Closed, it leaves its working memory to later searches. */
  interface Search extends AutoCloseable {
    /**
     * Writes the leaf of each row; {@code leaves} may be filled beyond the rows up to its length.
     */
    void leaves(int tree, int[] leaves);

    @Override
    default void close() {}
  }
}
