package io.scorebatch.registry.mlflow;

import io.scorebatch.registry.mlflow.ModelStore.ModelVersion;
import io.scorebatch.registry.mlflow.ModelStore.RegisteredModel;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** From a registered version to where its files are. */
final class Versions {
  private static final Pattern MODEL_ID_IN_PATH = Pattern.compile("(?:^|/)(m-[0-9a-f]{32})(?:/|$)");
  // A version may be a copy of a version that is a copy; MLflow makes no deeper ones by itself.
  private static final int MOST_COPIES = 8;

  private Versions() {}

  static RegisteredModel requiredModel(ModelStore store, String name) {
    return store.model(name).orElseThrow(() -> RegistryErrors.modelNotFound(name, store));
  }

  static ModelVersion required(ModelStore store, String name, int version) {
    return store
        .version(name, version)
        .orElseThrow(
            () -> {
              requiredModel(store, name);
              return RegistryErrors.versionNotFound(name, version, store);
            });
  }

  static Pinned pin(ModelStore store, ModelVersion version) {
    if (!version.ready()) {
      throw RegistryErrors.versionNotReady(version, store);
    }
    Set<ArtifactLocation> locations = new LinkedHashSet<>();
    collect(store, version, locations, 0);
    return new Pinned(
        version.name(),
        OptionalInt.of(version.version()),
        List.copyOf(locations),
        version.runId(),
        modelId(version));
  }

  private static void collect(
      ModelStore store, ModelVersion version, Set<ArtifactLocation> into, int copies) {
    List<String> stored = new ArrayList<>();
    if (version.storageLocation() != null) {
      stored.add(version.storageLocation());
    }
    stored.add(version.source());
    for (String location : stored) {
      ArtifactLocation where = ArtifactLocation.of(location);
      if (!where.scheme().equals("models") && !where.scheme().equals("runs")) {
        into.add(where);
      } else if (copies < MOST_COPIES) {
        ModelUri uri = ModelUri.parse(location);
        if (uri instanceof ModelUri.Version of) {
          store
              .version(of.name(), of.version())
              .ifPresent(origin -> collect(store, origin, into, copies + 1));
        } else if (uri instanceof ModelUri.ById of) {
          store
              .loggedModel(of.modelId())
              .ifPresent(model -> into.add(ArtifactLocation.of(model.artifactLocation())));
        } else if (uri instanceof ModelUri.OfRun of && store.run(of.runId()).isPresent()) {
          into.addAll(of.pin(store).locations());
        }
      }
    }
  }

  private static @Nullable String modelId(ModelVersion version) {
    if (version.modelId() != null) {
      return version.modelId();
    }
    for (String location : new String[] {version.source(), version.storageLocation()}) {
      Matcher matcher = MODEL_ID_IN_PATH.matcher(location == null ? "" : location);
      if (matcher.find()) {
        return matcher.group(1);
      }
    }
    return null;
  }
}
