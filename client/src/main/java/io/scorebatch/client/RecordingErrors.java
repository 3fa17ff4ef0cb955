package io.scorebatch.client;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.RejectedValueException;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be wrong with rows that a model is compared over, in words. */
final class RecordingErrors {
  private static final int MOST_NAMES = 30;

  private RecordingErrors() {}

  static ScorebatchException unreadable(String source, String why) {
    return ScorebatchException.of(
        ErrorCode.RECORDING_INVALID,
        source + " cannot be read: " + why,
        "Rows are .json (MLflow's forms of an input example, or a list of objects), .jsonl, .csv or"
            + " .parquet.",
        "give such a file.");
  }

  static ScorebatchException inputsMissing(
      String source, Collection<String> missing, Collection<String> found) {
    return ScorebatchException.of(
        ErrorCode.RECORDING_INVALID,
        source + " lacks the model's inputs " + listed(missing) + ".",
        found.isEmpty() ? "Its rows are too short." : "It has the columns " + listed(found) + ".",
        "add the columns; a missing value is an empty one, not a missing column.");
  }

  static ScorebatchException noNumber(String source, int row, String column, Object value) {
    return ScorebatchException.of(
        ErrorCode.RECORDING_INVALID,
        "Row " + row + " of " + source + " has '" + value + "' in column '" + column + "'.",
        "The model reads a number there.",
        "write a number, NaN, Infinity, or nothing.");
  }

  static ScorebatchException noAnswers(String source, List<String> wanted) {
    return ScorebatchException.of(
        ErrorCode.RECORDING_INVALID,
        source + " has no answers of Python to compare with.",
        "Answers are columns such as " + listed(wanted) + ".",
        "give --rows FILE with such columns, or let Python answer now: --against python"
            + " --allow-python.");
  }

  static ScorebatchException partialAnswers(
      String source, String kind, Collection<String> missing) {
    return ScorebatchException.of(
        ErrorCode.RECORDING_INVALID,
        source + " has only some columns of " + kind + "; it lacks " + listed(missing) + ".",
        "",
        "record all of them, or none.");
  }

  static ScorebatchException noRows(String source) {
    return ScorebatchException.of(
        ErrorCode.RECORDING_INVALID,
        source + " has no rows to compare.",
        "",
        "give a file with rows.");
  }

  static ScorebatchException noExample(Path folder) {
    return ScorebatchException.of(
        ErrorCode.USAGE,
        "The model in '" + folder + "' was logged without an input example.",
        "There are no rows to compare over.",
        "give --rows FILE, or log the model with input_example=…");
  }

  static ScorebatchException rejected(
      String source, List<ModelInput> inputs, RejectedValueException e) {
    String where =
        e.input() < 0 ? "an intermediate value" : "column '" + inputs.get(e.input()).name() + "'";
    return ScorebatchException.of(
        ErrorCode.VALUE_REJECTED,
        "Row " + e.row() + " of " + source + " is refused: " + where + " is " + e.value() + ".",
        "It is " + e.reason().text() + ", which the training library refuses too.",
        "take the row out, unless Python did answer it: then please report this.");
  }

  static ScorebatchException pythonOff() {
    return ScorebatchException.of(
        ErrorCode.USAGE,
        "Python is not allowed to make the recording.",
        "Loading a model with Python runs code that its files contain.",
        "if you trust the model, add --allow-python (or SCOREBATCH_PYTHON_ALLOW=allow); --python or"
            + " SCOREBATCH_PYTHON names the interpreter.");
  }

  static ScorebatchException pythonFailed(
      String interpreter, String words, @Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.RECORDING_INVALID,
            "Python (" + interpreter + ") could not answer.",
            words,
            "name an interpreter that has the model's packages with --python or SCOREBATCH_PYTHON; if"
                + " the model refuses the rows, give it rows it takes with --rows."),
        cause);
  }

  private static String listed(Collection<String> names) {
    List<String> shown = names.stream().limit(MOST_NAMES).toList();
    return String.join(", ", shown)
        + (shown.size() < names.size() ? " and " + (names.size() - shown.size()) + " more" : "");
  }
}
