package io.scorebatch.artifact.yaml;

import java.util.Locale;

/** Scalars as PyYAML writes them on one line: plain where that reads back as the same text. */
public final class YamlText {
  /** A longer key needs the explicit form {@code ? key}. */
  public static final int LONGEST_SIMPLE_KEY = 128;

  private static final String INDICATORS_FIRST = "#,[]{}&*!|>'\"%@`";

  private YamlText() {}

  /** The text as a YAML scalar: plain, single-quoted, or double-quoted with escapes. */
  public static String scalar(String text) {
    if (needsEscapes(text)) {
      return doubleQuoted(text);
    }
    return isPlain(text) ? text : "'" + text.replace("'", "''") + "'";
  }

  private static boolean needsEscapes(String text) {
    return text.chars().anyMatch(c -> !isPrintable((char) c));
  }

  private static boolean isPrintable(char c) {
    return c >= ' ' && c <= '~'
        || c >= '\u00a0' && c < '\ud800' && c != '\u2028' && c != '\u2029'
        || c >= '\ue000' && c <= '\ufffd' && c != '\ufeff';
  }

  private static boolean isPlain(String text) {
    if (text.isEmpty()
        || text.startsWith(" ")
        || text.endsWith(" ")
        || text.startsWith("---")
        || text.startsWith("...")
        || ScalarType.ofPlain(text) != ScalarType.TEXT) {
      return false;
    }
    char first = text.charAt(0);
    boolean blankFollows = text.length() == 1 || text.charAt(1) == ' ';
    if (INDICATORS_FIRST.indexOf(first) >= 0 || "?:-".indexOf(first) >= 0 && blankFollows) {
      return false;
    }
    return !text.contains(": ") && !text.endsWith(":") && !text.contains(" #");
  }

  private static String doubleQuoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                case 0 -> out.append("\\0");
                default -> out.append(escaped(c));
              }
            });
    return out.append('"').toString();
  }

  private static String escaped(int c) {
    if (c > 0xffff) {
      return String.format(Locale.ROOT, "\\U%08X", c);
    }
    if (isPrintable((char) c)) {
      return Character.toString(c);
    }
    return String.format(Locale.ROOT, c < 0x100 ? "\\x%02X" : "\\u%04X", c);
  }
}
