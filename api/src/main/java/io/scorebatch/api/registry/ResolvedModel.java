package io.scorebatch.api.registry;

import java.nio.file.Path;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * A model version pinned for a run. Immutable.
 *
 * @param uri as it was asked for
 * @param name registered name; the folder's name where a path was asked for
 * @param version registered version; empty for runs and paths
 * @param folder local folder with the MLmodel file
 * @param source where the artifacts came from
 * @param runId the run that logged it; null where unknown
 * @param modelId {@code m-…}; null where unknown
 */
public record ResolvedModel(
    String uri,
    String name,
    OptionalInt version,
    Path folder,
    String source,
    @Nullable String runId,
    @Nullable String modelId) {}
