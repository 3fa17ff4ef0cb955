package io.scorebatch.model.python;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.OutputKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What can go wrong with models that Python scores, in words. */
final class PythonErrors {
  private PythonErrors() {}

  /** {@code reason} says why the model is not scored natively; empty where nobody knows. */
  static ScorebatchException notAllowed(Path model, String className, String reason) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "The model in '"
            + model
            + "' ("
            + className
            + ") can only be scored by Python, and Python"
            + " is off.",
        (reason + " Loading it with Python runs code that its files contain.").strip(),
        "if you trust the model, allow it with --allow-python, 'python: allow' in the pipeline"
            + " file, "
            + PythonSettings.ALLOW_VARIABLE
            + "=allow or -D"
            + PythonSettings.ALLOW_PROPERTY
            + "=allow, and name an interpreter that has the model's packages with --python or "
            + PythonSettings.INTERPRETER_VARIABLE
            + ".");
  }

  static ScorebatchException settingInvalid(String name, String value) {
    return ScorebatchException.of(
        ErrorCode.USAGE,
        "System property " + name + " is '" + value + "'.",
        "It must be a whole number of at least 1.",
        "give such a number, or leave it out.");
  }

  static ScorebatchException notAModel(Path folder) {
    return ScorebatchException.of(
        ErrorCode.MODEL_ARTIFACT_MISSING,
        "'" + folder + "' holds no file MLmodel.",
        "Python loads a model by its MLmodel file.",
        "name the folder that mlflow.pyfunc.save_model wrote.");
  }

  static ScorebatchException inputsUnknown(Path folder) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "The model in '" + folder + "' does not say which columns it reads.",
        "Its signature has no inputs, and there is no feature metadata.",
        "log it again with a signature: mlflow.pyfunc.log_model(..., signature=infer_signature(X,"
            + " y)).");
  }

  static ScorebatchException inputsUnsupported(
      Path folder, Collection<String> inputs, String reason) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "The model in '" + folder + "' reads " + String.join(", ", inputs) + ".",
        ("Python workers take numbers, booleans, strings and datetimes, or one tensor of two"
                + " dimensions. "
                + reason)
            .strip(),
        "log the model with such columns.");
  }

  static ScorebatchException outputsUnsupported(Path folder, Collection<String> outputs) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "By its signature the model in '"
            + folder
            + "' answers "
            + String.join(", ", outputs)
            + ".",
        "A prediction table takes numbers, booleans and strings.",
        "log the model with such outputs.");
  }

  static ScorebatchException kindUnavailable(Path folder, OutputKind kind) {
    return ScorebatchException.of(
        ErrorCode.OUTPUT_KIND_UNAVAILABLE,
        "The model in '" + folder + "' cannot be asked for " + kind.configName() + ".",
        "A model that Python scores answers predict, whatever that returns.",
        "ask for predict, or log the model with pyfunc_predict_fn='" + kind.configName() + "'.");
  }

  static ScorebatchException cannotStart(String interpreter, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.USAGE,
            "Python cannot be started: '" + interpreter + "'.",
            String.valueOf(cause.getMessage()),
            "name an interpreter with --python or " + PythonSettings.INTERPRETER_VARIABLE + "."),
        cause);
  }

  static ScorebatchException cannotLoad(Path folder, String interpreter, PythonFailure failure) {
    String module = failure.module();
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "Python (" + interpreter + ") cannot load the model in '" + folder + "': " + failure.text(),
        module == null
            ? "Python says:\n" + failure.trace()
            : "It lacks the module '" + module + "'.",
        "install what the model needs: "
            + interpreter
            + " -m pip install mlflow pyarrow -r "
            + folder.resolve("requirements.txt"));
  }

  static ScorebatchException predictFailed(Path folder, int rows, PythonFailure failure) {
    return ScorebatchException.of(
        ErrorCode.ENGINE_FAILED,
        "The model in '" + folder + "' failed on a block of " + rows + " rows: " + failure.text(),
        "Python says:\n" + failure.trace(),
        "call mlflow.pyfunc.load_model('" + folder + "').predict with such rows in Python.");
  }

  static ScorebatchException died(
      Path folder, int restarts, String how, String lastWords, @Nullable Throwable cause) {
    String words =
        lastWords.isBlank()
            ? "It wrote nothing to standard error."
            : "Its last words:\n" + lastWords;
    return new ScorebatchException(
        new Problem(
            ErrorCode.ENGINE_FAILED,
            "The Python worker of the model in '"
                + folder
                + "' "
                + how
                + "; restarts tried: "
                + restarts
                + ".",
            words,
            "see whether the machine is short of memory, and score a few rows in Python."),
        cause);
  }

  static ScorebatchException timedOut(Path folder, String doing, Duration limit, String lastWords) {
    String words = lastWords.isBlank() ? "" : "Its last words:\n" + lastWords;
    return ScorebatchException.of(
        ErrorCode.ENGINE_FAILED,
        "The Python worker of the model in '"
            + folder
            + "' took longer than "
            + limit.toSeconds()
            + " s to "
            + doing
            + " and was stopped.",
        words,
        "allow it more time with -D" + PythonSettings.TIMEOUT_PROPERTY + "=SECONDS.");
  }

  static ScorebatchException interrupted(Path folder) {
    return ScorebatchException.of(
        ErrorCode.INTERRUPTED,
        "Scoring with the model in '" + folder + "' was stopped.",
        "",
        "run it again.");
  }

  static ScorebatchException otherColumns(
      Path folder, Collection<String> wanted, Collection<String> found) {
    return ScorebatchException.of(
        ErrorCode.SCHEMA_MISMATCH,
        "The model in '"
            + folder
            + "' answers the columns "
            + quoted(found)
            + " where "
            + quoted(wanted)
            + " were expected.",
        "The columns of a prediction table are fixed before a row is scored, by the outputs of the"
            + " model's signature; without one a single number is expected.",
        "log the model with a signature that has its outputs.");
  }

  static ScorebatchException otherType(Path folder, String column, String wanted, String found) {
    return ScorebatchException.of(
        ErrorCode.SCHEMA_MISMATCH,
        "The model in '"
            + folder
            + "' answers "
            + found
            + " in column '"
            + column
            + "' where "
            + wanted
            + " were expected.",
        "The columns of a prediction table are fixed before a row is scored, by the outputs of the"
            + " model's signature; without one a single number is expected.",
        "log the model with a signature that has its outputs.");
  }

  static ScorebatchException arrowClosed() {
    return ScorebatchException.of(
        ErrorCode.USAGE,
        "This Java may not exchange Arrow data with Python.",
        "Arrow reads the address of direct buffers, which Java keeps closed.",
        "start Java with --add-opens=java.base/java.nio=ALL-UNNAMED.");
  }

  private static String quoted(Collection<String> names) {
    return names.stream().map(name -> "'" + name + "'").collect(Collectors.joining(", "));
  }
}
