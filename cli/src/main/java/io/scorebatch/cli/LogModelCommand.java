package io.scorebatch.cli;

import io.scorebatch.api.registry.PublishedModel;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.client.LogModel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "log-model",
    description = "Gives a trained model the look-ups it needs and registers it.",
    mixinStandardHelpOptions = true)
final class LogModelCommand implements Callable<Integer> {
  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private FeatureOptions features = new FeatureOptions();

  @Parameters(
      paramLabel = "MODEL",
      description =
          "models:/name/3, runs:/id/path, a folder with an MLmodel file, or a model file (.pkl,"
              + " .skops, .ubj, .json, .txt, .cbm, .onnx).")
  private String model = "";

  @Option(
      names = "--name",
      required = true,
      paramLabel = "NAME",
      description = "Registered name; made where it does not exist.")
  private String name = "";

  @Option(names = "--alias", paramLabel = "ALIAS", description = "Alias to point at the version.")
  private @Nullable String alias;

  @Option(
      names = "--description",
      paramLabel = "TEXT",
      description = "What the version is, for people.")
  private @Nullable String description;

  @Option(
      names = "--model-class",
      paramLabel = "CLASS",
      description =
          "For an XGBoost file: xgboost.sklearn.XGBClassifier … (default: xgboost.core.Booster).")
  private @Nullable String modelClass;

  @Option(
      names = "--requirement",
      paramLabel = "LINE",
      description = "A further line of requirements.txt; may be repeated.")
  private List<String> requirements = new ArrayList<>();

  @Override
  public Integer call() {
    LogModel log =
        LogModel.of(common.connections(), model, features.features()).requirements(requirements);
    if (alias != null) {
      log = log.alias(alias);
    }
    if (description != null) {
      log = log.description(description);
    }
    if (modelClass != null) {
      log = log.modelClass(modelClass);
    }
    LogModel.Logged logged = log.register(name);
    PublishedModel version = logged.model().orElseThrow();
    System.out.println(
        version.uri()
            + version.alias().map(each -> " (alias " + each + ")").orElse("")
            + " in the "
            + logged.place());
    System.out.println(
        "keys: "
            + logged.spec().requested().stream()
                .map(SpecColumn::name)
                .collect(Collectors.joining(", ")));
    logged.notes().forEach(note -> System.out.println("note: " + note));
    return ExitCode.SUCCESS;
  }
}
