package io.scorebatch.artifact.yaml;

import java.util.regex.Pattern;

/** What PyYAML takes a plain scalar for. Its rules are those of YAML 1.1, not 1.2. */
public enum ScalarType {
  NULL("null", "~|null|Null|NULL|"),
  BOOLEAN(
      "a boolean", "yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF"),
  INTEGER(
      "a whole number",
      "[-+]?0b[01_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+"
          + "|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+"),
  NUMBER(
      "a number",
      "[-+]?(?:[0-9][0-9_]*)\\.[0-9_]*(?:[eE][-+][0-9]+)?|\\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?"
          + "|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\\.[0-9_]*|[-+]?\\.(?:inf|Inf|INF)"
          + "|\\.(?:nan|NaN|NAN)"),
  DATE(
      "a date",
      "[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt]|[ \\t]+)[0-9]{1,2}"
          + ":[0-9]{2}:[0-9]{2}(?:\\.[0-9]*)?(?:[ \\t]*(?:Z|[-+][0-9]{1,2}(?::[0-9]{2})?))?"),
  /** {@code <<} and {@code =}, which YAML 1.1 gives a meaning. */
  SPECIAL("a special YAML value", "<<|="),
  TEXT("text", "");

  // Longer scalars are text: no number, date or word of YAML is that long.
  private static final int LONGEST_TYPED = 100;

  private final String description;
  private final Pattern pattern;

  ScalarType(String description, String pattern) {
    this.description = description;
    this.pattern = Pattern.compile(pattern);
  }

  /** The type of a plain (unquoted) scalar. */
  public static ScalarType ofPlain(String text) {
    if (text.length() > LONGEST_TYPED) {
      return TEXT;
    }
    for (ScalarType type : values()) {
      if (type != TEXT && type.pattern.matcher(text).matches()) {
        return type;
      }
    }
    return TEXT;
  }

  public String description() {
    return description;
  }
}
