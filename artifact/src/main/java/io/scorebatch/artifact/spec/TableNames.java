package io.scorebatch.artifact.spec;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.TableName;
import org.jspecify.annotations.Nullable;

/** Names of feature tables: two parts in the file for the Hive metastore, three in a spec. */
final class TableNames {
  private static final String HIVE = "hive_metastore.";

  private TableNames() {}

  /** The three-part name; null where the text is no name of two or three parts. */
  static @Nullable String resolve(String written) {
    String[] parts = written.split("\\.", -1);
    String name = parts.length == 2 ? HIVE + written : written;
    if (parts.length != 2 && parts.length != 3) {
      return null;
    }
    try {
      return TableName.parse(name, "", "").toString();
    } catch (ScorebatchException e) {
      return null;
    }
  }

  /** The name as files have it. */
  static String written(String name) {
    return name.startsWith(HIVE) ? name.substring(HIVE.length()) : name;
  }
}
