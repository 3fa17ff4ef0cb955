package io.scorebatch.api.model;

/**
 * Sets of category codes as bits. Code c is in set s where bit {@code c % 32} of word {@code
 * offsets[s] + c / 32} is set; codes beyond the last word are not in the set. Immutable.
 *
 * @param offsets where the words of each set start; one more than there are sets
 * @param words the bits
 */
public record CategorySets(int[] offsets, int[] words) {
  /** No sets at all. */
  public static final CategorySets NONE = new CategorySets(new int[] {0}, new int[0]);

  public CategorySets {
    if (offsets.length == 0 || offsets[0] != 0 || offsets[offsets.length - 1] != words.length) {
      throw new IllegalArgumentException("category sets do not cover their words");
    }
    for (int i = 1; i < offsets.length; i++) {
      if (offsets[i] < offsets[i - 1]) {
        throw new IllegalArgumentException("category set " + (i - 1) + " ends before it starts");
      }
    }
  }

  public int size() {
    return offsets.length - 1;
  }

  /** Whether a code (0 or greater) is in a set. */
  public boolean contains(int set, int code) {
    int word = offsets[set] + (code >>> 5);
    return word < offsets[set + 1] && (words[word] >>> (code & 31) & 1) != 0;
  }

  /** Number of codes from 0 that the words of a set can hold. */
  public int capacity(int set) {
    return (offsets[set + 1] - offsets[set]) * 32;
  }
}
