package io.scorebatch.artifact.spec;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problems;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.artifact.yaml.YamlValue;
import java.util.List;

/** What is wrong with one feature_spec.yaml. One thread at a time. */
final class SpecProblems {
  private static final String FIX = "log the model with its training set again, or mend the file.";
  // A damaged file can be wrong in every line; people read the first ones.
  private static final int MOST_SHOWN = 100;

  private final String file;
  private final Problems problems = new Problems();

  SpecProblems(String file) {
    this.file = file;
  }

  String file() {
    return file;
  }

  void add(String what, String why, YamlValue at) {
    add(what, why, at.line());
  }

  /** Notes a problem; line 0 stands for the whole file. */
  void add(String what, String why, int line) {
    if (problems.found().size() < MOST_SHOWN) {
      String place = line > 0 ? " ('" + file + "', line " + line + ")" : " ('" + file + "')";
      problems.add(
          ErrorCode.FEATURE_SPEC_INVALID,
          what.substring(0, what.length() - 1) + place + ".",
          why,
          FIX);
    }
  }

  void throwIfAny() {
    problems.throwIfAny();
  }

  static ScorebatchException declarative(String file, List<String> features) {
    return ScorebatchException.of(
        ErrorCode.FEATURE_SPEC_UNSUPPORTED,
        "'" + file + "' uses declarative features: " + shown(features) + ".",
        "Their definitions (sources, windows, functions) are kept by the catalog server, not in"
            + " the model, so they cannot be computed from it.",
        "compute these features into a table and score with a source that has them as columns, or"
            + " log the model with feature look-ups.");
  }

  static ScorebatchException literalArguments(String file, String column) {
    return ScorebatchException.of(
        ErrorCode.FEATURE_SPEC_UNSUPPORTED,
        "Column '" + column + "' in '" + file + "' calls a function with literal_arguments.",
        "Only functions whose arguments are columns are supported.",
        "log the model with input_bindings to columns.");
  }

  private static String shown(List<String> names) {
    List<String> first = names.subList(0, Math.min(20, names.size()));
    return String.join(", ", first) + (names.size() > first.size() ? ", …" : "");
  }
}
