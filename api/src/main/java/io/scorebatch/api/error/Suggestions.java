package io.scorebatch.api.error;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds what a mistyped name may have meant. */
public final class Suggestions {
  private Suggestions() {}

  /** Up to three known names nearest to a wrong one; empty where none is near. */
  public static List<String> near(String wrong, Collection<String> known) {
    String lower = wrong.toLowerCase(Locale.ROOT);
    int limit = Math.max(2, wrong.length() / 3);
    record Near(String name, int distance) {}
    List<Near> candidates =
        known.stream()
            .distinct()
            .map(name -> new Near(name, distance(lower, name.toLowerCase(Locale.ROOT))))
            .filter(near -> near.distance() <= limit)
            .sorted(Comparator.comparingInt(Near::distance).thenComparing(Near::name))
            .toList();
    return candidates.stream()
        .filter(near -> near.distance() == candidates.get(0).distance())
        .limit(3)
        .map(Near::name)
        .toList();
  }

  /** {@code did you mean 'a' or 'b'?}; the empty string where nothing is near. */
  public static String didYouMean(String wrong, Collection<String> known) {
    List<String> near = near(wrong, known);
    if (near.isEmpty()) {
      return "";
    }
    return "did you mean '" + String.join("' or '", near) + "'?";
  }

  /** Levenshtein distance with neighbours swapped counted once (optimal string alignment). */
  private static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int change = a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1;
        int best = Math.min(Math.min(d[i - 1][j] + 1, d[i][j - 1] + 1), d[i - 1][j - 1] + change);
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          best = Math.min(best, d[i - 2][j - 2] + 1);
        }
        d[i][j] = best;
      }
    }
    return d[a.length()][b.length()];
  }
}
