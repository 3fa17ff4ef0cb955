package io.scorebatch.cli;

import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.table.AsOf;
import io.scorebatch.client.BatchSummary;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.client.Keys;
import io.scorebatch.client.ScoreBatch;
import io.scorebatch.pipeline.config.ModelType;
import io.scorebatch.report.RowPrinter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "score",
    description = "One score_batch: a model over the keys of a table or file.",
    mixinStandardHelpOptions = true)
final class ScoreCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private PythonOptions python = new PythonOptions();

  @Parameters(
      paramLabel = "MODEL_URI",
      description = "models:/name/3, models:/name@alias, a path …")
  private String modelUri = "";

  @Option(
      names = "--keys",
      required = true,
      paramLabel = "TABLE|FILE|SQL",
      description =
          "Where the keys are: a table, a .parquet, .csv, .jsonl or .arrow file, or a SELECT query.")
  private String keys = "";

  @Option(
      names = "--to",
      paramLabel = "TABLE|FILE",
      description =
          "Where predictions go: a table, or a .parquet, .csv or .json file (default: printed).")
  private @Nullable String to;

  @Option(
      names = "--model-type",
      paramLabel = "TYPE",
      defaultValue = "raw",
      description =
          "Decides the columns: regression, classification, multiclass, anomaly_detection or raw"
              + " (default: ${DEFAULT-VALUE}, what predict returns).")
  private ModelType type = ModelType.RAW;

  @Option(
      names = "--output-kind",
      paramLabel = "KIND",
      description = "predict, predict_proba, decision_function, score_samples or raw_margin.")
  private @Nullable OutputKind kind;

  @Option(
      names = "--passthrough",
      paramLabel = "COLUMN",
      split = ",",
      description = "Columns of the keys to keep.")
  private List<String> passthrough = new ArrayList<>();

  @Option(
      names = "--as-of",
      paramLabel = "TIMESTAMP|VERSION",
      description =
          "Read feature tables as they were at a moment (UTC unless it says more), or at a"
              + " version.")
  private @Nullable String asOf;

  @Option(
      names = "--lookback",
      paramLabel = "WINDOW",
      description =
          "How old a feature may be, such as 36h, in place of the model's own look-backs; 0s for"
              + " features of the very moment only.")
  private @Nullable String lookback;

  @Option(
      names = "--feature-evidence",
      description = "Add a column that tells what each look-up found.")
  private boolean evidence;

  @Override
  public Integer call() {
    try (FeatureEngineeringClient client =
        FeatureEngineeringClient.connect(python.apply(common.connections()))) {
      ScoreBatch batch =
          client.scoreBatch(modelUri, parseKeys(keys)).as(type).passthrough(passthrough);
      if (kind != null) {
        batch = batch.outputKind(kind);
      }
      if (asOf != null) {
        batch = batch.asOf(AsOf.parse(asOf));
      }
      if (lookback != null) {
        batch = batch.lookback(Usage.window("--lookback", lookback));
      }
      if (evidence) {
        batch = batch.featureEvidence();
      }
      ScoreBatch asked = batch;
      return Interrupts.run(
          stop -> {
            RunControl control = RunControl.unwatched();
            stop.accept(control::cancel);
            score(asked.control(control));
            return ExitCode.SUCCESS;
          });
    }
  }

  private void score(ScoreBatch batch) {
    if (to == null) {
      try (RowPrinter printer = common.printer()) {
        batch.forEachRow(printer);
      }
      return;
    }
    BatchSummary summary = isFile(to) ? batch.saveAsFile(Path.of(to)) : batch.saveAsTable(to);
    System.out.printf(
        Locale.ROOT,
        "%,d predictions of %s%s in %s%n",
        summary.rows(),
        summary.model().name(),
        summary.model().version().isPresent()
            ? " version " + summary.model().version().getAsInt()
            : "",
        to);
    summary.notes().forEach(note -> System.out.println("note: " + note));
  }

  static Keys parseKeys(String text) {
    if (text.strip().matches("(?is)(select|with)\\s.*")) {
      return Keys.query(text);
    }
    return isFile(text) || Files.isRegularFile(Path.of(text))
        ? Keys.file(Path.of(text))
        : Keys.table(text);
  }

  static boolean isFile(String text) {
    return text.contains("/")
        || text.toLowerCase(Locale.ROOT)
            .matches(".*\\.(parquet|csv|json|jsonl|ndjson|arrow|arrows|feather)");
  }
}
