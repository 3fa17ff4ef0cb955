package io.scorebatch.registry.mlflow;

import java.util.List;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * What a URI stands for at this moment.
 *
 * @param version registered version; empty for runs, paths and unregistered models
 * @param locations where its files may be, the likeliest first
 */
record Pinned(
    String name,
    OptionalInt version,
    List<ArtifactLocation> locations,
    @Nullable String runId,
    @Nullable String modelId) {
  Pinned {
    locations = List.copyOf(locations);
  }
}
