package io.scorebatch.kernel;

import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/**
 * Python's regular expressions as Java's. Classes mean what Python means: {@code \w} is letters,
 * numbers of all kinds and the underscore (not combining marks), {@code \d} decimal digits, {@code
 * \s} Python's white space, {@code \b} a border of {@code \w}.
 */
final class PythonPattern {
  /** Python's white space, for use inside a character class. */
  static final String SPACE =
      "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";

  private static final String WORD = "\\p{L}\\p{N}_";
  private static final String BORDER =
      "(?:(?<=[" + WORD + "])(?![" + WORD + "])|(?<![" + WORD + "])(?=[" + WORD + "]))";
  private static final String NO_BORDER =
      "(?:(?<=[" + WORD + "])(?=[" + WORD + "])|(?<![" + WORD + "])(?![" + WORD + "]))";

  private PythonPattern() {}

  /**
   * @throws io.scorebatch.api.error.ScorebatchException where Java knows no such pattern
   */
  static Pattern compile(String python) {
    String source = python.startsWith("(?u)") ? python.substring(4) : python;
    StringBuilder java = new StringBuilder();
    boolean inClass = false;
    for (int i = 0; i < source.length(); i++) {
      char c = source.charAt(i);
      if (c == '\\' && i + 1 < source.length()) {
        java.append(escape(source.charAt(++i), inClass));
      } else if (inClass && (c == '[' || c == '&')) {
        java.append('\\').append(c);
      } else if (!inClass && c == '[') {
        inClass = true;
        java.append(c);
        if (source.startsWith("^]", i + 1)) {
          java.append("^\\]");
          i += 2;
        } else if (source.startsWith("]", i + 1)) {
          java.append("\\]");
          i++;
        }
      } else if (inClass && c == ']') {
        inClass = false;
        java.append(c);
      } else if (!inClass && source.startsWith("(?P<", i)) {
        java.append("(?<");
        i += 3;
      } else {
        java.append(c);
      }
    }
    try {
      return Pattern.compile(java.toString());
    } catch (PatternSyntaxException e) {
      throw KernelErrors.pattern(python, e.getDescription());
    }
  }

  private static String escape(char c, boolean inClass) {
    return switch (c) {
      case 'w' -> inClass ? WORD : '[' + WORD + ']';
      case 'W' -> "[^" + WORD + ']';
      case 'd' -> "\\p{Nd}";
      case 'D' -> "\\P{Nd}";
      case 's' -> inClass ? SPACE : '[' + SPACE + ']';
      case 'S' -> "[^" + SPACE + ']';
      case 'b' -> inClass ? "\\x08" : BORDER;
      case 'B' -> NO_BORDER;
      case 'Z' -> "\\z";
      default -> "\\" + c;
    };
  }
}
