package io.scorebatch.engine.spark;

import io.scorebatch.api.engine.EngineLimits;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.error.Suggestions;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.engine.spark.KeyChecks.KeyCheck;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the failures of this engine. */
final class SparkFailures {
  private static final int SHOWN = 200;

  private SparkFailures() {}

  static ScorebatchException columnNotFound(TableSnapshot table, String column) {
    return ScorebatchException.of(
        ErrorCode.COLUMN_NOT_FOUND,
        "Table " + table.name() + " has no column '" + column + "'.",
        "",
        orElse(
            Suggestions.didYouMean(column, table.schema().names()),
            "check the name; the table has " + String.join(", ", table.schema().names()) + "."));
  }

  /** A column of a table by name, ignoring case. */
  static Column columnOf(TableSnapshot table, String column) {
    return table.schema().find(column).orElseThrow(() -> columnNotFound(table, column));
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
      String function,
      List<String> parameters,
      List<? extends @Nullable Object> arguments,
      RuntimeException e) {
    List<String> values = new ArrayList<>();
    for (int i = 0; i < parameters.size(); i++) {
      values.add(parameters.get(i) + " = " + show(arguments.get(i)));
    }
    return new ScorebatchException(
        new Problem(
            ErrorCode.VALUE_REJECTED,
            "Function " + function + " failed for " + String.join(", ", values) + ".",
            String.valueOf(e),
            "mend the function, or the rows that give it such values."));
  }

  static ScorebatchException functionCannotTravel(String function, String type) {
    return ScorebatchException.of(
        ErrorCode.ENGINE_FAILED,
        "An executor cannot make function " + function + ".",
        "Its class " + type + " is not on the class path, not public, or has no such constructor.",
        "add its jar to the job (--jars); make class and constructor without parameters public.");
  }

  static ScorebatchException queryInvalid(String sql, String why) {
    return ScorebatchException.of(
        ErrorCode.QUERY_INVALID,
        "The query '" + shorten(sql) + "' cannot be run.",
        why,
        "write one SELECT statement; tables go by their three-part names.");
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

  static ScorebatchException fileUnreadable(KeySource.File file, Throwable e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.FILE_UNREADABLE,
            "File " + file.path() + " cannot be read as " + file.format() + ".",
            firstLine(e),
            "check the path and that the file is of that format."),
        e);
  }

  static ScorebatchException tableUnreadable(TableSnapshot table, Throwable e) {
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

  static ScorebatchException outOfMemory(String doing, EngineLimits limits, Throwable e) {
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
      String from,
      String to,
      String value,
      String key,
      long rows,
      Throwable e) {
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

  static ScorebatchException rowCount(ScoringPlan plan, long keys, long rows) {
    return ScorebatchException.of(
        ErrorCode.ROW_COUNT_MISMATCH,
        "Model " + plan.modelName() + ": " + keys + " keys gave " + rows + " rows.",
        "Each key must give one row; this is a defect of Scorebatch.",
        "report it with the plan (scorebatch run --dry-run).");
  }

  static ScorebatchException failed(String doing, Throwable e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.ENGINE_FAILED,
            doing + " failed in Spark.",
            firstLine(e),
            "look at the message; if it tells of no fault in the data, report it."),
        e);
  }

  static ScorebatchException modelUnsupported(Model model) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "Model class "
            + model.origin().className()
            + " ("
            + model.origin().library()
            + " "
            + model.origin().version()
            + ") cannot be scored by an executor.",
        "No scorer on its class path knows it.",
        "add the runtime's jar to the job (--jars).");
  }

  static ScorebatchException scorerCannotTravel() {
    return ScorebatchException.of(
        ErrorCode.ENGINE_FAILED,
        "The scorer exists on the driver only.",
        "An executor in another process cannot make it.",
        "make scorers with ClusterScorers.");
  }

  static ScorebatchException folderNotShared(Path folder, String file) {
    return ScorebatchException.of(
        ErrorCode.TABLE_NOT_WRITABLE,
        "Executors wrote " + file + ", but the driver cannot see it in " + folder + ".",
        "Staged files must lie where driver and executors both reach them, under one path.",
        "keep the tables on storage that the whole cluster shares.");
  }

  /** A refused value whose key is not looked for. */
  static ScorebatchException rejectedSomewhere(
      String modelName, RejectedValueException rejected, @Nullable String input) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.VALUE_REJECTED,
            "Model "
                + modelName
                + " refuses value "
                + rejected.value()
                + (input == null ? "." : " of input '" + input + "'."),
            "It is "
                + rejected.reason().text()
                + ", which the library that trained the model refuses too.",
            "mend the feature table, give the feature a default value, or filter the rows."),
        rejected);
  }

  /** A value that fits no type, whose key is not looked for. */
  static ScorebatchException unfitSomewhere(String modelName, UnfitValueException unfit) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.VALUE_NOT_CONVERTIBLE,
            "Model "
                + modelName
                + ": value "
                + unfit.value()
                + " of '"
                + unfit.name()
                + "' (type "
                + unfit.from()
                + ") is no "
                + unfit.wanted()
                + ".",
            "",
            "mend the value, or cast the column."),
        unfit);
  }

  static ScorebatchException scorerFailed(String modelName, Throwable e) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.ENGINE_FAILED,
            "Model " + modelName + " failed while scoring.",
            String.valueOf(e),
            "report it with the model's class and version."),
        e);
  }

  /** The first failure of a kind on the way to the root cause. */
  static <T> Optional<T> cause(Throwable e, Class<T> kind) {
    for (Throwable at = e; at != null; at = at.getCause()) {
      if (kind.isInstance(at)) {
        return Optional.of(kind.cast(at));
      }
    }
    return Optional.empty();
  }

  /** Whether a failure is about a file. */
  static boolean tells(Throwable e, String path) {
    return String.valueOf(e.getMessage()).contains(path);
  }

  static String firstLine(Throwable e) {
    String message = String.valueOf(e.getMessage()).strip();
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end).strip();
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
