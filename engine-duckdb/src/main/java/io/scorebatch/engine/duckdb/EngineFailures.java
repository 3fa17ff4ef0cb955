package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.error.Suggestions;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.engine.duckdb.KeyChecks.KeyCheck;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes the failures of this engine. */
final class EngineFailures {
  private static final int SHOWN = 200;

  private EngineFailures() {}

  static ScorebatchException columnNotFound(TableSnapshot table, String column) {
    return ScorebatchException.of(
        ErrorCode.COLUMN_NOT_FOUND,
        "Table " + table.name() + " has no column '" + column + "'.",
        "",
        orElse(
            Suggestions.didYouMean(column, table.schema().names()),
            "check the name; the table has " + String.join(", ", table.schema().names()) + "."));
  }

  static ScorebatchException planColumnNotFound(String column, Collection<String> known) {
    return ScorebatchException.of(
        ErrorCode.COLUMN_NOT_FOUND,
        "There is no column '" + column + "' among the keys, features and function results.",
        "",
        orElse(
            Suggestions.didYouMean(column, known),
            "check the name; known are " + String.join(", ", known) + "."));
  }

  static ScorebatchException mappedStruct(TableSnapshot table, Column column) {
    return ScorebatchException.of(
        ErrorCode.TABLE_FEATURE_UNSUPPORTED,
        "Column '" + column.name() + "' of table " + table.name() + " is a " + column.type() + ".",
        "The table uses column mapping, and mapped names inside a struct cannot be read.",
        "leave the column out, or put the struct's fields into columns of their own.");
  }

  static ScorebatchException duplicateKeys(TableSnapshot table, KeyCheck check) {
    return ScorebatchException.of(
        ErrorCode.DUPLICATE_KEY,
        "Table "
            + table.name()
            + " (version "
            + table.version()
            + ") holds "
            + (check.duplicates() == 1 ? "1 key" : check.duplicates() + " keys")
            + " more than once, such as "
            + check.sample()
            + " in "
            + check.sampleRows()
            + " rows.",
        "A look-up would have to choose among the rows or multiply predictions.",
        "remove the duplicates, or set on_duplicate_key to latest or multiply.");
  }

  static ScorebatchException defaultInvalid(
      String column, ColumnType type, String text, String why) {
    return ScorebatchException.of(
        ErrorCode.DEFAULT_VALUE_INVALID,
        "Default value '" + text + "' does not fit column '" + column + "' of type " + type + ".",
        why,
        "log the model again with a default value of the column's type.");
  }

  static ScorebatchException functionInvalid(Compute compute, String why) {
    return ScorebatchException.of(
        ErrorCode.QUERY_INVALID,
        "Function "
            + compute.function()
            + " is registered as '"
            + shorten(compute.sql())
            + "', which cannot be computed.",
        why,
        "register one SQL expression over its parameters "
            + String.join(", ", compute.bindings().keySet())
            + ".");
  }

  static ScorebatchException functionFailed(
      String function, String arguments, RuntimeException cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.VALUE_REJECTED,
            "Function " + function + " failed for " + arguments + ".",
            String.valueOf(cause),
            "mend the function, or the rows that give it such values."),
        cause);
  }

  static ScorebatchException notSampled(String key, ColumnType type) {
    return ScorebatchException.of(
        ErrorCode.SAMPLE_KEY_INVALID,
        "Key '" + key + "' is a " + type + ", and rows cannot be sampled by it.",
        "A sample is told by the text of its keys, which floats and nested values do not have in"
            + " one way.",
        "sample by other keys, or cast the column in the key source.");
  }

  static ScorebatchException queryInvalid(String sql, String why) {
    return ScorebatchException.of(
        ErrorCode.QUERY_INVALID,
        "The query '" + shorten(sql) + "' cannot be run.",
        why,
        "write one SELECT statement; tables go by their three-part names.");
  }

  static ScorebatchException predicateInvalid(String predicate, String why) {
    return ScorebatchException.of(
        ErrorCode.QUERY_INVALID,
        "'" + shorten(predicate) + "' is no condition for rows to be replaced.",
        why,
        "write one SQL condition over the table's columns.");
  }

  static ScorebatchException outsidePredicate(TableSnapshot table, String predicate, String rows) {
    return ScorebatchException.of(
        ErrorCode.ROWS_OUTSIDE_PREDICATE,
        "New rows for table "
            + table.name()
            + " do not meet "
            + shorten(predicate)
            + ": "
            + shorten(rows)
            + ".",
        "They would stand beside the rows that are replaced, and stay there the next time.",
        "widen replace_where, or select the keys by the same condition.");
  }

  static ScorebatchException rewriteInterrupted(TableSnapshot table) {
    return ScorebatchException.of(
        ErrorCode.INTERRUPTED,
        "Rewriting of table " + table.name() + " was stopped.",
        "",
        "run it again; nothing was written.");
  }

  static ScorebatchException queryNotReadOnly(String sql) {
    return ScorebatchException.of(
        ErrorCode.QUERY_NOT_READ_ONLY,
        "'" + shorten(sql) + "' is no read-only query.",
        "Queries read tables and never change anything.",
        "write one SELECT, VALUES, DESCRIBE or SHOW TABLES statement.");
  }

  static ScorebatchException tableNameIncomplete(List<String> parts, List<TableName> tables) {
    String last = parts.get(parts.size() - 1);
    String name = String.join(".", parts.stream().filter(p -> !p.isEmpty()).toList());
    List<String> same =
        tables.stream()
            .filter(t -> t.table().equalsIgnoreCase(last))
            .map(TableName::toString)
            .toList();
    return ScorebatchException.of(
        ErrorCode.TABLE_NOT_FOUND,
        "There is no table '" + name + "'.",
        "Tables go by three-part names.",
        same.isEmpty()
            ? "write catalog.schema.table; SHOW TABLES lists all."
            : "write " + String.join(" or ", same) + ".");
  }

  static ScorebatchException fileUnreadable(KeySource.File file, SQLException e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.FILE_UNREADABLE,
            "File " + file.path() + " cannot be read as " + file.format() + ".",
            firstParagraph(e),
            "check the path and that the file is of that format."),
        e);
  }

  static ScorebatchException tableUnreadable(TableSnapshot table, SQLException e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.TABLE_UNREADABLE,
            "Table " + table.name() + " (version " + table.version() + ") cannot be read.",
            firstLine(e),
            "check that its files are there and whole; a VACUUM may have removed old versions."),
        e);
  }

  static ScorebatchException interrupted(ScoringPlan plan) {
    return ScorebatchException.of(
        ErrorCode.INTERRUPTED,
        "Scoring of " + plan.modelName() + " was stopped.",
        "",
        "run it again; nothing was written.");
  }

  static ScorebatchException outOfMemory(String doing, EngineLimits limits, SQLException e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.OUT_OF_MEMORY,
            doing
                + " needs more than its memory of "
                + limits.memoryBytes() / (1024 * 1024)
                + " MiB.",
            firstLine(e),
            "give it more memory, run fewer models at once (max_workers), or use fewer threads."),
        e);
  }

  static ScorebatchException rejected(
      ScoringPlan plan,
      RejectedValueException rejected,
      @Nullable String input,
      String value,
      String key,
      long rows) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.VALUE_REJECTED,
            "Model "
                + plan.modelName()
                + " refuses "
                + (input == null
                    ? "an intermediate value"
                    : "value " + value + " of input '" + input + "'")
                + " at "
                + key
                + " ("
                + (rows == 1 ? "1 row" : rows + " rows")
                + " in all).",
            "It is "
                + rejected.reason().text()
                + ", which the library that trained the model"
                + " refuses too.",
            "mend the feature table, or give the feature a default value."),
        rejected);
  }

  static ScorebatchException notConvertible(
      ScoringPlan plan,
      String what,
      ColumnType from,
      String to,
      String value,
      String key,
      long rows,
      SQLException e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.VALUE_NOT_CONVERTIBLE,
            "Model "
                + plan.modelName()
                + ": value "
                + value
                + " of "
                + what
                + " (type "
                + from
                + ") at "
                + key
                + " is no "
                + to
                + " ("
                + (rows == 1 ? "1 row" : rows + " rows")
                + " in all).",
            "",
            "mend the value, or cast the column in the table."),
        e);
  }

  static ScorebatchException keyText(
      KeySource.File file, Column column, String text, long row, long rows, SQLException e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.VALUE_NOT_CONVERTIBLE,
            "Key file "
                + file.path()
                + " holds "
                + show(text)
                + " in column '"
                + column.name()
                + "' of row "
                + row
                + ", which is no "
                + column.type().sparkName()
                + " ("
                + (rows == 1 ? "1 row" : rows + " rows")
                + " in all).",
            "The column is read as the type of what it is matched with, and nothing is rounded or"
                + " guessed: whole numbers have digits only, dates are YYYY-MM-DD.",
            "mend the value."),
        e);
  }

  static ScorebatchException outOfHeap(ScoringPlan plan, OutOfMemoryError e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.OUT_OF_MEMORY,
            "Model " + plan.modelName() + " needs more than the Java heap.",
            String.valueOf(e.getMessage()),
            "give Java more memory (-Xmx) or run fewer models at once (max_workers)."),
        e);
  }

  static ScorebatchException keyColumnNotFound(
      String origin, String column, Collection<String> known) {
    String text = Character.toUpperCase(origin.charAt(0)) + origin.substring(1);
    return ScorebatchException.of(
        ErrorCode.COLUMN_NOT_FOUND,
        text + " has no column '" + column + "'.",
        "",
        orElse(
            Suggestions.didYouMean(column, known),
            "check the name; it has " + String.join(", ", known) + "."));
  }

  static ScorebatchException rowCount(ScoringPlan plan, long keys, long rows) {
    return ScorebatchException.of(
        ErrorCode.ROW_COUNT_MISMATCH,
        "Model " + plan.modelName() + ": " + keys + " keys gave " + rows + " rows.",
        "Each key must give one row; this is a defect of Scorebatch.",
        "report it with the plan (scorebatch run --dry-run).");
  }

  static ScorebatchException failed(String doing, SQLException e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.ENGINE_FAILED,
            doing + " failed in DuckDB.",
            firstLine(e),
            "look at the message; if it tells of no fault in the data, report it."),
        e);
  }

  static ScorebatchException scorerFailed(ScoringPlan plan, Throwable e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.ENGINE_FAILED,
            "Model " + plan.modelName() + " failed while scoring.",
            String.valueOf(e),
            "report it with the model's class and version."),
        e);
  }

  static boolean isOutOfMemory(SQLException e) {
    return firstLine(e).contains("Out of Memory Error");
  }

  /** Whether the driver lost the reason of a failure. */
  static boolean isUntold(SQLException e) {
    return firstLine(e).contains("Invalid result set");
  }

  /** Whether a failure is about a file. */
  static boolean tells(SQLException e, String path) {
    return String.valueOf(e.getMessage()).contains(path);
  }

  static String firstLine(SQLException e) {
    String message = String.valueOf(e.getMessage()).strip();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end).strip();
  }

  /** What comes before an empty line, on one line. */
  private static String firstParagraph(SQLException e) {
    String message = String.valueOf(e.getMessage()).strip();
    int end = message.indexOf("\n\n");
    return (end < 0 ? message : message.substring(0, end)).replaceAll("\\s*\n\\s*", " ");
  }

  /** A value as messages show it: text in quotes. */
  static String show(@Nullable Object value) {
    return value instanceof String text ? "'" + shorten(text) + "'" : String.valueOf(value);
  }

  private static String shorten(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
  }

  private static String orElse(String text, String other) {
    return text.isEmpty() ? other : text;
  }
}
