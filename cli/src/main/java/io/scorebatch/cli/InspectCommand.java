package io.scorebatch.cli;

import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.registry.RegisteredVersions;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.client.FeatureEngineeringClient;
import io.scorebatch.client.Inspection;
import io.scorebatch.client.InspectionJson;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
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

  @Mixin private CertificateOptions certificates = new CertificateOptions();

  @Parameters(
      paramLabel = "MODEL_URI",
      description = "models:/name/3, models:/name@alias, a folder, a model file …")
  private String modelUri = "";

  @Override
  public Integer call() {
    Inspection found =
        FeatureEngineeringClient.inspect(certificates.apply(common.connections()), modelUri);
    if (common.format() == CommonOptions.Format.JSON) {
      System.out.print(InspectionJson.print(found));
    } else {
      print(System.out, found);
    }
    return ExitCode.SUCCESS;
  }

  private static void print(PrintStream out, Inspection found) {
    line(out, "model", found.resolved().name());
    line(
        out,
        "version",
        found.resolved().version().isPresent()
            ? "" + found.resolved().version().getAsInt()
            : "none");
    found.versions().ifPresent(versions -> versions(out, versions));
    line(out, "folder", found.resolved().folder().toString());
    found.model().ifPresent(model -> origin(out, found, model));
    line(out, "scored", support(found));
    if (!found.why().isEmpty()) {
      line(out, "why", found.why().replaceAll("\\s*\\R\\s*", " "));
    }
    found.model().ifPresent(model -> content(out, found, model));
  }

  private static void versions(PrintStream out, RegisteredVersions versions) {
    line(
        out,
        "versions",
        versions.versions().stream().map(String::valueOf).collect(Collectors.joining(", ")));
    new TreeMap<>(versions.aliases())
        .forEach((alias, version) -> line(out, "alias", alias + " = " + version));
  }

  private static void origin(PrintStream out, Inspection found, ModelPackage model) {
    line(
        out,
        "library",
        model.model().origin().library()
            + " "
            + model.model().origin().version()
            + " ("
            + model.model().origin().format()
            + ")");
    line(out, "class", model.model().origin().className());
    List<String> structure = found.structure();
    for (int i = 0; i < structure.size(); i++) {
      line(out, i == 0 ? "computes" : "", structure.get(i));
    }
    line(out, "task", model.model().task().name().toLowerCase(Locale.ROOT));
  }

  private static String support(Inspection found) {
    return switch (found.support()) {
      case NATIVE -> "natively";
      case RUNTIME ->
          "by the library "
              + found.model().map(model -> model.model().origin().library()).orElse("of its own");
      case PYTHON -> "by Python, where it is allowed (--allow-python, python: allow)";
      case REFUSED -> "not at all: refused";
    };
  }

  private static void content(PrintStream out, Inspection found, ModelPackage model) {
    line(
        out,
        "outputs",
        model.model().outputKinds().stream()
            .map(OutputKind::configName)
            .sorted()
            .collect(Collectors.joining(", ")));
    line(
        out,
        "predict",
        model
            .pythonOutput()
            .map(OutputKind::configName)
            .orElseGet(() -> "nothing: was logged to answer " + model.scored().predictFn()));
    model.model().labels().ifPresent(labels -> line(out, "classes", text(labels)));
    List<Labels> outputs = model.model().outputLabels();
    for (int k = 0; k < outputs.size(); k++) {
      line(out, "output " + k, text(outputs.get(k)));
    }
    line(
        out,
        "inputs",
        found.inputs().entrySet().stream()
            .map(input -> input.getKey() + " (" + input.getValue() + ")")
            .collect(Collectors.joining(", ")));
    model.featureSpec().ifPresent(spec -> features(out, spec));
    line(out, "parity", found.verdict().map(Enum::name).orElse("not verified"));
    line(out, "size", String.format(Locale.ROOT, "%,d bytes", model.sizeBytes()));
    line(out, "digest", model.digest());
    model.notes().forEach(note -> line(out, "note", note));
  }

  private static String text(Labels labels) {
    return labels.values().stream().map(String::valueOf).collect(Collectors.joining(", "))
        + " ("
        + labels.type().sparkName()
        + ")";
  }

  private static void features(PrintStream out, FeatureSpec spec) {
    line(
        out,
        "keys",
        spec.requested().stream().map(SpecColumn::name).collect(Collectors.joining(", ")));
    spec.tables().keySet().stream().sorted().forEach(table -> line(out, "table", table));
    Map<String, List<String>> features = new LinkedHashMap<>();
    for (SpecColumn column : spec.columns()) {
      if (column instanceof SpecColumn.Looked looked) {
        String how =
            looked.table()
                + " by "
                + String.join(", ", looked.lookupKey())
                + (looked.timestampLookupKey() == null
                    ? ""
                    : " as of " + looked.timestampLookupKey());
        features.computeIfAbsent(how, key -> new ArrayList<>()).add(looked.feature());
      } else if (column instanceof SpecColumn.Computed computed) {
        line(
            out,
            "function",
            computed.name() + " = " + computed.function() + "(" + computed.bindings() + ")");
      }
    }
    features.forEach((how, names) -> line(out, "look-up", how + ": " + String.join(", ", names)));
  }

  private static void line(PrintStream out, String name, String value) {
    out.printf(Locale.ROOT, "%-9s %s%n", name, value);
  }
}
