package io.scorebatch.report;

import io.scorebatch.report.RecordedRun.Gate;
import io.scorebatch.report.RecordedRun.Model;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A past run for the terminal: its models, what gates warned of or stopped, what failed. */
public final class RunSummary {
  private RunSummary() {}

  /** The summary as text, ending with a line break. */
  public static String print(RecordedRun run) {
    String nl = System.lineSeparator();
    StringBuilder text = new StringBuilder();
    text.append("run ")
        .append(run.runId())
        .append(" of ")
        .append(run.pipeline())
        .append(", started ")
        .append(run.startedAt())
        .append(String.format(Locale.ROOT, ", %.1f s", run.seconds()))
        .append(nl);
    List<List<String>> cells = new ArrayList<>();
    for (Model model : run.models()) {
      cells.add(
          List.of(
              model.name(),
              model.status(),
              model.method(),
              model.version().isPresent() ? "" + model.version().getAsLong() : "",
              model.committed() ? ConsoleReport.count(model.rows()) : "",
              model.committed() ? model.table() : "",
              model.committed() ? "" + model.tableVersion().getAsLong() : ""));
    }
    text.append(
        TextTable.print(
            List.of("model", "status", "method", "version", "rows", "table", "at version"),
            cells,
            List.of(false, false, false, true, true, false, true)));
    for (Model model : run.models()) {
      for (Gate gate : model.gates()) {
        if (gate.verdict().equals("WARNED") || gate.verdict().equals("FAILED")) {
          text.append(model.name())
              .append(": gate ")
              .append(gate.name())
              .append(' ')
              .append(gate.verdict())
              .append(": ")
              .append(gate.detail())
              .append(nl);
        }
      }
      model.problems().stream()
          .filter(problem -> model.gates().stream().noneMatch(gate -> tells(gate, problem)))
          .forEach(problem -> text.append(model.name()).append(": ").append(problem).append(nl));
    }
    return text.append("report: ")
        .append(run.folder().resolve("report.html"))
        .append(nl)
        .toString();
  }

  /** Whether a problem is the gate's own. */
  private static boolean tells(Gate gate, String problem) {
    return gate.verdict().equals("FAILED")
        && gate.detail().startsWith(problem.substring(problem.indexOf(' ') + 1));
  }
}
