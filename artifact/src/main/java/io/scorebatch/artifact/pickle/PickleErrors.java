package io.scorebatch.artifact.pickle;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import java.util.Collection;
import org.jspecify.annotations.Nullable;

/** All failures of reading pickles. */
final class PickleErrors {
  private static final String SAVE_AGAIN =
      "Check that the file was copied whole; else save the model again from Python.";

  private PickleErrors() {}

  static ScorebatchException damaged(String source, long position, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        source + " is not a readable pickle: " + what + " at byte " + position + ".",
        "",
        SAVE_AGAIN);
  }

  static ScorebatchException tooLarge(String source, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_REFUSED,
        source + " " + what + ".",
        "A small file that asks for much memory is damaged or hostile.",
        SAVE_AGAIN);
  }

  static ScorebatchException refusedGlobals(String source, Collection<String> names) {
    boolean code =
        names.stream().anyMatch(n -> n.startsWith("cloudpickle.") || n.startsWith("__main__."));
    return ScorebatchException.of(
        ErrorCode.MODEL_REFUSED,
        source + " names " + String.join(", ", names) + ".",
        code
            ? "The file carries Python code of its own (a class or function defined in a notebook"
                + " or script), which Scorebatch never runs."
            : "Only known classes are read from a pickle; Scorebatch never runs what a file names.",
        "Score the model with Python (python: allow) if you trust the file, or log a model that is"
            + " made of supported classes only.");
  }

  static ScorebatchException refusedOpcode(String source, String opcode, long position) {
    return ScorebatchException.of(
        ErrorCode.MODEL_REFUSED,
        source + " uses the pickle opcode " + opcode + " at byte " + position + ".",
        "It refers to things outside the file or to a registry of code.",
        "Save the model again with pickle, cloudpickle, joblib or skops and their usual settings.");
  }

  static ScorebatchException compressed(String source, String format) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        source + " is compressed with " + format + ".",
        "Scorebatch reads joblib files that are not compressed, or with zlib or gzip.",
        "Save it again: joblib.dump(joblib.load(path), path, compress=('zlib', 3)).");
  }

  static ScorebatchException unsupportedArray(String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "The model holds " + what + ".",
        "",
        "Score the model with Python (python: allow), or save it with plain numeric arrays.");
  }

  static ScorebatchException invalidArray(String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE, "The model holds " + what + ".", "", SAVE_AGAIN);
  }

  static ScorebatchException attributeMissing(String owner, String name) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        owner + " has no attribute " + name + ".",
        "The model was not fitted, or a library version that Scorebatch does not know wrote it.",
        "Save a fitted model; if it is fitted, score it with Python (python: allow).");
  }

  static ScorebatchException attributeType(String owner, String name, String found, String wanted) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE,
        owner + "." + name + " is " + found + ", expected " + wanted + ".",
        "A library version that Scorebatch does not know wrote it, or the file is damaged.",
        "Score the model with Python (python: allow) or save it again.");
  }

  static ScorebatchException attributeInvalid(String owner, String name, String what) {
    return ScorebatchException.of(
        ErrorCode.MODEL_UNREADABLE, owner + "." + name + ": " + what + ".", "", SAVE_AGAIN);
  }

  /** A value's type in Python's words. */
  static String describe(@Nullable Object value) {
    if (value == null) {
      return "absent";
    }
    if (value instanceof Boolean || value instanceof Number) {
      return "the " + (value instanceof Boolean ? "boolean " : "number ") + value;
    }
    if (value instanceof String text) {
      return "the text '" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'";
    }
    return value.toString();
  }
}
