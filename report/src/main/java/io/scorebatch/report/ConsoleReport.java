package io.scorebatch.report;

import io.scorebatch.api.error.Problem;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A finished run for the terminal: a table of all models, then what failed, why, and what to do.
 */
public final class ConsoleReport {
  private ConsoleReport() {}

  /** The report as text, ending with a line break. */
  public static String print(RunResult run) {
    StringBuilder text = new StringBuilder();
    List<List<String>> cells = new ArrayList<>();
    for (ModelResult model : run.models()) {
      boolean committed = model.status() == ModelStatus.SUCCESS;
      cells.add(
          List.of(
              model.modelName(),
              model.domain(),
              model.status().name(),
              committed ? count(model.rows()) : "",
              String.format(Locale.ROOT, "%.2f", model.elapsed().toNanos() / 1e9),
              committed ? model.outputTable() : ""));
    }
    text.append(
        TextTable.print(
            List.of("model", "domain", "status", "rows", "seconds", "table"),
            cells,
            List.of(false, false, false, true, true, false)));
    text.append(
        String.format(
            Locale.ROOT,
            "%d of %d models committed, %s predictions, %.1f s; results in %s%n",
            run.count(ModelStatus.SUCCESS),
            run.models().size(),
            count(run.rows()),
            run.elapsed().toNanos() / 1e9,
            run.folder()));
    for (ModelResult model : run.models()) {
      model.notes().stream()
          .filter(note -> note.startsWith("warning:"))
          .forEach(note -> text.append(note).append(System.lineSeparator()));
    }
    for (ModelResult model : run.models()) {
      if (!model.problems().isEmpty()) {
        text.append(System.lineSeparator())
            .append(model.modelName())
            .append(' ')
            .append(model.status() == ModelStatus.SUCCESS ? "used its fallback" : model.status())
            .append(System.lineSeparator());
        for (Problem problem : model.problems()) {
          append(text, problem);
        }
        model
            .audit()
            .staged()
            .ifPresent(
                staged ->
                    text.append("    the batch is kept: scorebatch sql --tables ")
                        .append(shell(staged))
                        .append(" \"SHOW TABLES\"")
                        .append(System.lineSeparator()));
      }
    }
    return text.toString();
  }

  private static void append(StringBuilder text, Problem problem) {
    String nl = System.lineSeparator();
    text.append("  ").append(problem.code().label()).append(' ').append(problem.what()).append(nl);
    if (!problem.why().isEmpty()) {
      text.append("    why: ").append(problem.why()).append(nl);
    }
    if (!problem.fix().isEmpty()) {
      text.append("    fix: ").append(problem.fix()).append(nl);
    }
  }

  /** A path as a shell takes it. */
  private static String shell(String path) {
    return path.matches("[\\w./:@%+=,-]+") ? path : "'" + path.replace("'", "'\\''") + "'";
  }

  static String count(long number) {
    return String.format(Locale.ROOT, "%,d", number);
  }
}
