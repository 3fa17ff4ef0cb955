package io.scorebatch.report;

import io.scorebatch.api.run.ModelResult;
import io.scorebatch.api.run.ModelStatus;
import io.scorebatch.api.run.RunListener;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/** Prints a line a model as it ends. Thread-safe. */
public final class ProgressPrinter implements RunListener {
  private final PrintStream out;
  private final AtomicInteger finished = new AtomicInteger();
  private volatile int models;

  public ProgressPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void runStarted(String runId, List<String> modelNames) {
    models = modelNames.size();
    out.println("run " + runId + ": " + models + (models == 1 ? " model" : " models"));
  }

  @Override
  public void modelFinished(ModelResult result) {
    int number = finished.incrementAndGet();
    String tail =
        result.status() == ModelStatus.SUCCESS
            ? String.format(
                Locale.ROOT,
                "%s rows in %.2f s",
                ConsoleReport.count(result.rows()),
                result.elapsed().toNanos() / 1e9)
            : result.problems().isEmpty() ? "" : result.problems().get(0).message();
    out.println(
        String.format(
            Locale.ROOT,
            "[%" + String.valueOf(models).length() + "d/%d] %-9s %s  %s",
            number,
            models,
            result.status(),
            result.modelName(),
            tail));
  }
}
