package io.scorebatch.report;

import io.scorebatch.api.engine.ScoreStatistics.LookupStatistics;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.run.GateResult;
import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A run as one HTML page without scripts or outside files. All names are escaped. */
public final class HtmlReport {
  private static final String STYLE =
      """
      body{font:15px/1.45 system-ui,sans-serif;margin:2rem auto;max-width:75rem;padding:0 1rem;color:#1c2733}
      h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}
      table{border-collapse:collapse;width:100%}th,td{text-align:left;padding:.35rem .6rem;border-bottom:1px solid #dde3ea;vertical-align:top}
      td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
      .SUCCESS,.PASSED{color:#0a6b3d}.WARNED{color:#8a5a00;font-weight:600}.NOT_CHECKED{color:#5b6875}.FAILED,.NOT_FOUND{color:#a1160a;font-weight:600}.SKIPPED{color:#5b6875}
      code{background:#f2f5f8;padding:.1rem .3rem;border-radius:3px}dt{font-weight:600}dd{margin:0 0 .4rem}
      """;

  private HtmlReport() {}

  /** The run as a page. */
  public static String print(RunResult run) {
    StringBuilder html = new StringBuilder();
    html.append("<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<meta name=\"viewport\" content=\"width=device-width\"><title>")
        .append(escape(run.pipeline() + " " + run.runId()))
        .append("</title><style>\n")
        .append(STYLE)
        .append("</style></head><body>\n<h1>")
        .append(escape(run.pipeline()))
        .append(": ")
        .append(run.count(ModelStatus.SUCCESS))
        .append(" of ")
        .append(run.models().size())
        .append(" models committed, ")
        .append(ConsoleReport.count(run.rows()))
        .append(" predictions</h1>\n<p>Run <code>")
        .append(escape(run.runId()))
        .append("</code>, started ")
        .append(escape(run.startedAt().toString()))
        .append(", ")
        .append(seconds(run.elapsed().toNanos()))
        .append(" s</p>\n");
    models(html, run);
    problems(html, run);
    gates(html, run);
    details(html, run);
    html.append("<h2>Provenance</h2>\n<table>\n");
    for (Map.Entry<String, String> entry : run.provenance().entrySet()) {
      html.append("<tr><th>")
          .append(escape(entry.getKey()))
          .append("</th><td>")
          .append(escape(entry.getValue()))
          .append("</td></tr>\n");
    }
    return html.append("</table>\n</body></html>\n").toString();
  }

  private static void models(StringBuilder html, RunResult run) {
    html.append("<table>\n<tr><th>Model</th><th>Domain</th><th>Status</th><th>Version</th>")
        .append("<th class=\"n\">Rows</th><th class=\"n\">Seconds</th><th>Table</th></tr>\n");
    for (ModelResult model : run.models()) {
      html.append("<tr><td>")
          .append(escape(model.modelName()))
          .append("</td><td>")
          .append(escape(model.domain()))
          .append("</td><td class=\"")
          .append(model.status())
          .append("\">")
          .append(model.status())
          .append("</td><td>")
          .append(model.modelVersion().isPresent() ? "" + model.modelVersion().getAsInt() : "")
          .append("</td><td class=\"n\">")
          .append(ConsoleReport.count(model.rows()))
          .append("</td><td class=\"n\">")
          .append(seconds(model.elapsed().toNanos()))
          .append("</td><td>")
          .append(escape(model.outputTable()))
          .append("</td></tr>\n");
    }
    html.append("</table>\n");
  }

  private static void problems(StringBuilder html, RunResult run) {
    for (ModelResult model : run.models()) {
      if (model.problems().isEmpty()) {
        continue;
      }
      html.append("<h2 class=\"")
          .append(model.status())
          .append("\">")
          .append(escape(model.modelName()))
          .append("</h2>\n<dl>\n");
      for (Problem problem : model.problems()) {
        html.append("<dt>")
            .append(problem.code().label())
            .append(' ')
            .append(escape(problem.what()))
            .append("</dt><dd>")
            .append(escape(problem.why()))
            .append("</dd><dd>Fix: ")
            .append(escape(problem.fix()))
            .append("</dd>\n");
      }
      html.append("</dl>\n");
    }
  }

  private static void gates(StringBuilder html, RunResult run) {
    if (run.models().stream().allMatch(model -> model.audit().gates().isEmpty())) {
      return;
    }
    html.append("<h2>Gates</h2>\n<table>\n<tr><th>Model</th><th>Gate</th><th>About</th>")
        .append(
            "<th class=\"n\">Measured</th><th>Wanted</th><th>Verdict</th><th>Detail</th></tr>\n");
    for (ModelResult model : run.models()) {
      for (GateResult gate : model.audit().gates()) {
        html.append("<tr><td>")
            .append(escape(model.modelName()))
            .append("</td><td>")
            .append(escape(gate.gate()))
            .append("</td><td>")
            .append(escape(gate.subject()))
            .append("</td><td class=\"n\">")
            .append(measured(gate))
            .append("</td><td>")
            .append(escape(gate.limit()))
            .append("</td><td class=\"")
            .append(gate.verdict())
            .append("\">")
            .append(gate.verdict())
            .append("</td><td>")
            .append(escape(gate.detail()))
            .append("</td></tr>\n");
      }
    }
    html.append("</table>\n");
  }

  private static String measured(GateResult gate) {
    if (gate.measured().isEmpty()) {
      return "";
    }
    double value = gate.measured().getAsDouble();
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    return whole ? ConsoleReport.count((long) value) : String.format(Locale.ROOT, "%.6g", value);
  }

  private static void details(StringBuilder html, RunResult run) {
    html.append("<h2>Look-ups and notes</h2>\n<table>\n")
        .append("<tr><th>Model</th><th>Method</th><th>Table read</th><th class=\"n\">Matched</th>")
        .append("<th class=\"n\">Missing</th><th>Found in detail</th><th>Notes</th></tr>\n");
    for (ModelResult model : run.models()) {
      StringBuilder tables = new StringBuilder();
      StringBuilder matched = new StringBuilder();
      StringBuilder missing = new StringBuilder();
      StringBuilder detail = new StringBuilder();
      model
          .statistics()
          .ifPresent(
              statistics -> {
                for (LookupStatistics lookup : statistics.lookups()) {
                  tables
                      .append(escape(lookup.table()))
                      .append(" v")
                      .append(lookup.tableVersion())
                      .append("<br>");
                  matched.append(ConsoleReport.count(lookup.matched())).append("<br>");
                  missing.append(ConsoleReport.count(lookup.missing())).append("<br>");
                  detail.append(escape(detail(lookup))).append("<br>");
                }
              });
      html.append("<tr><td>")
          .append(escape(model.modelName()))
          .append("</td><td>")
          .append(escape(String.valueOf(model.method() == null ? "" : model.method())))
          .append("</td><td>")
          .append(tables)
          .append("</td><td class=\"n\">")
          .append(matched)
          .append("</td><td class=\"n\">")
          .append(missing)
          .append("</td><td>")
          .append(detail)
          .append("</td><td>")
          .append(String.join("<br>", model.notes().stream().map(HtmlReport::escape).toList()))
          .append("</td></tr>\n");
    }
    html.append("</table>\n");
  }

  /** What there is to tell of a look-up beyond matched and missing rows. */
  private static String detail(LookupStatistics lookup) {
    List<String> parts = new ArrayList<>();
    lookup
        .evidence()
        .ifPresent(
            evidence -> {
              count(parts, evidence.nullValues(), "with a NULL feature");
              count(parts, evidence.defaulted(), "with a default");
              count(parts, evidence.stale(), "too old");
              if (evidence.oldest().isPresent() && evidence.newest().isPresent()) {
                parts.add(
                    "features of " + evidence.oldest().get() + " to " + evidence.newest().get());
              }
            });
    if (!lookup.overridden().isEmpty()) {
      parts.add("taken from the keys: " + String.join(", ", lookup.overridden()));
    }
    return String.join("; ", parts);
  }

  private static void count(List<String> parts, long rows, String what) {
    if (rows > 0) {
      parts.add(ConsoleReport.count(rows) + " " + what);
    }
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.2f", nanos / 1e9);
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("'", "&#39;");
  }
}
