package io.scorebatch.api.table;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import java.util.regex.Pattern;

/**
 * A three-part table name. Parts are kept as written and compared ignoring case. Immutable.
 *
 * <p>Parts may hold any character but {@code / \ . `}, control characters and blanks at the ends:
 * they become folder names and quoted SQL names.
 */
public record TableName(String catalog, String schema, String table) {
  private static final Pattern BAD = Pattern.compile("[/\\\\.`\"\\p{Cntrl}]|^\\s|\\s$|^$");

  public TableName {
    check(catalog, catalog, schema, table);
    check(schema, catalog, schema, table);
    check(table, catalog, schema, table);
  }

  private static void check(String part, String catalog, String schema, String table) {
    if (BAD.matcher(part).find()) {
      throw ScorebatchException.of(
          ErrorCode.TABLE_NAME_INVALID,
          "'" + catalog + "." + schema + "." + table + "' is no table name.",
          "A part is empty or holds a character that names cannot have.",
          "write catalog.schema.table, each part without / \\ . ` \" or blanks at its ends.");
    }
  }

  /**
   * Reads a name of one, two or three parts; missing parts come from the defaults. Back-quoted
   * parts are accepted.
   */
  public static TableName parse(String text, String defaultCatalog, String defaultSchema) {
    String[] parts = text.strip().split("\\.", -1);
    for (int i = 0; i < parts.length; i++) {
      String part = parts[i];
      if (part.length() > 2 && part.startsWith("`") && part.endsWith("`")) {
        parts[i] = part.substring(1, part.length() - 1);
      }
    }
    switch (parts.length) {
      case 1:
        return new TableName(defaultCatalog, defaultSchema, parts[0]);
      case 2:
        return new TableName(defaultCatalog, parts[0], parts[1]);
      case 3:
        return new TableName(parts[0], parts[1], parts[2]);
      default:
        throw ScorebatchException.of(
            ErrorCode.TABLE_NAME_INVALID,
            "'" + text + "' is no table name.",
            "It has " + parts.length + " parts.",
            "write catalog.schema.table.");
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof TableName that
        && catalog.equalsIgnoreCase(that.catalog)
        && schema.equalsIgnoreCase(that.schema)
        && table.equalsIgnoreCase(that.table);
  }

  @Override
  public int hashCode() {
    return toString().toLowerCase(java.util.Locale.ROOT).hashCode();
  }

  /** {@code catalog.schema.table}. */
  @Override
  public String toString() {
    return catalog + "." + schema + "." + table;
  }
}
