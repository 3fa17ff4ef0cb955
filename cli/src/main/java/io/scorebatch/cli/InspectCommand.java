package io.scorebatch.cli;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.client.FeatureEngineeringClient.Inspection;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "inspect",
    description = "Says what a model is: version, features, inputs, outputs, support, digest.",
    mixinStandardHelpOptions = true)
final class InspectCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Parameters(paramLabel = "MODEL_URI", description = "models:/name/3, models:/name@alias, a path …")
  private String modelUri = "";

  @Override
  public Integer call() {
    Inspection found = FeatureEngineeringClient.inspect(common.connections(), modelUri);
    ModelPackage model = found.model();
    PrintStream out = System.out;
    line(out, "model", found.resolved().name());
    line(
        out,
        "version",
        found.resolved().version().isPresent()
            ? "" + found.resolved().version().getAsInt()
            : "none");
    line(out, "folder", found.resolved().folder().toString());
    line(
        out,
        "library",
        model.model().origin().library() + " " + model.model().origin().version()
            + " (" + model.model().origin().format() + ")");
    line(out, "class", model.model().origin().className());
    line(out, "task", model.model().task().name().toLowerCase(Locale.ROOT));
    line(out, "scored", found.scorable() ? "natively" : "not supported");
    line(
        out,
        "outputs",
        model.model().outputKinds().stream()
            .map(OutputKind::configName)
            .sorted()
            .collect(Collectors.joining(", ")));
    line(out, "predict", model.pythonOutput().configName());
    model.model().labels().ifPresent(labels -> line(out, "classes", text(labels)));
    line(
        out,
        "inputs",
        model.model().inputs().stream()
            .map(input -> input.name() + (input.text() ? " (text)" : ""))
            .collect(Collectors.joining(", ")));
    model.featureSpec().ifPresent(spec -> features(out, spec));
    line(out, "size", String.format(Locale.ROOT, "%,d bytes", model.sizeBytes()));
    line(out, "digest", model.digest());
    model.notes().forEach(note -> line(out, "note", note));
    return ExitCode.SUCCESS;
  }

  private static String text(Labels labels) {
    return labels.values().stream().map(String::valueOf).collect(Collectors.joining(", "))
        + " (" + labels.type().sparkName() + ")";
  }

  private static void features(PrintStream out, FeatureSpec spec) {
    line(
        out,
        "keys",
        spec.requested().stream().map(c -> c.name()).collect(Collectors.joining(", ")));
    spec.tables().keySet().stream().sorted().forEach(table -> line(out, "table", table));
    spec.functions().forEach(function -> line(out, "function", function));
  }

  private static void line(PrintStream out, String name, String value) {
    out.printf(Locale.ROOT, "%-9s %s%n", name, value);
  }
}
