package io.scorebatch.cli;

import io.scorebatch.api.error.ErrorKind;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunResult;
import java.util.List;

/** What the program's exit code says. */
final class ExitCode {
  static final int SUCCESS = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int PARTIAL = 3;
  static final int GATE = 4;
  static final int INTERRUPTED = 130;

  private ExitCode() {}

  /** The code of a failed command. */
  static int of(ErrorKind kind) {
    return switch (kind) {
      case CONFIG -> USAGE;
      case GATE -> GATE;
      case INTERRUPTED -> INTERRUPTED;
      case MODEL, DATA, EXTERNAL, RESOURCES, INTERNAL -> FAILED;
    };
  }

  /**
   * The code of a run: 0 where every model was committed, 1 where none was, 3 where some were, 4
   * where gates stopped models and nothing else failed.
   */
  static int of(RunResult run, boolean allowPartial, boolean dryRun) {
    if (run.models().stream().anyMatch(ExitCode::interrupted)) {
      return INTERRUPTED;
    }
    List<ModelResult> failed =
        run.models().stream()
            .filter(m -> m.status() != ModelStatus.SUCCESS)
            .filter(m -> !(dryRun && m.status() == ModelStatus.SKIPPED))
            .toList();
    if (failed.isEmpty()) {
      return SUCCESS;
    }
    if (failed.stream().allMatch(m -> stoppedByGate(m.problems()))) {
      return GATE;
    }
    boolean some = failed.size() < run.models().size();
    if (some && allowPartial) {
      return SUCCESS;
    }
    return some ? PARTIAL : FAILED;
  }

  private static boolean interrupted(ModelResult model) {
    return model.problems().stream().anyMatch(p -> p.code().kind() == ErrorKind.INTERRUPTED);
  }

  private static boolean stoppedByGate(List<Problem> problems) {
    return !problems.isEmpty()
        && problems.stream().allMatch(p -> p.code().kind() == ErrorKind.GATE);
  }
}
