package io.scorebatch.kernel;

import io.scorebatch.api.model.TreeTable;

/** What a node does with a missing value. */
enum Missing {
  LEFT,
  RIGHT,
  /** NaN is compared as 0. */
  ZERO,
  /** Zero is missing too. */
  ZERO_LEFT,
  ZERO_RIGHT;

  /** A rule of {@link TreeTable#missing}. */
  static Missing of(byte rule) {
    boolean left = (rule & TreeTable.DEFAULT_LEFT) != 0;
    return switch (rule & ~TreeTable.DEFAULT_LEFT) {
      case TreeTable.MISSING_COMPARED -> RIGHT;
      case TreeTable.MISSING_NAN -> left ? LEFT : RIGHT;
      case TreeTable.MISSING_AS_ZERO -> ZERO;
      default -> left ? ZERO_LEFT : ZERO_RIGHT;
    };
  }

  /** Values up to this are missing, whatever their sign; -1 where only NaN is. */
  double zeroLimit() {
    return this == ZERO_LEFT || this == ZERO_RIGHT ? TreeTable.ZERO_LIMIT : -1;
  }
}
