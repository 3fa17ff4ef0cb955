package io.scorebatch.pipeline.run;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.RegisteredVersions;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.pipeline.config.ModelSpec;
import java.util.Optional;

/** Finds and reads the models of a pipeline. Thread-safe. */
final class Subjects {
  private final Rooms rooms;
  private final ModelFinder finder;

  Subjects(Rooms rooms, RunContext run) {
    this.rooms = rooms;
    this.finder = new ModelFinder(rooms.registry(), run.pipeline());
  }

  /** The version a pipeline means. What became known is noted also where the rest fails. */
  Subject find(ModelSpec spec, Progress progress) {
    ResolvedModel resolved = finder.find(spec);
    progress.resolved = resolved;
    return read(spec, resolved, "model", progress);
  }

  private Subject read(ModelSpec spec, ResolvedModel resolved, String source, Progress progress) {
    ModelPackage read = rooms.reader().read(resolved.folder());
    ModelPackage model =
        spec.lookups().lookback().map(window -> ScoringJob.withLookback(read, window)).orElse(read);
    progress.model = model;
    Trust.require(spec, resolved, model, rooms.certificates());
    return new Subject(spec, resolved, model, source);
  }

  /**
   * The registered version before one that failed.
   *
   * @param failed the version that failed; empty where it was not even found
   * @throws ScorebatchException {@code FALLBACK_NOT_POSSIBLE} where there is none
   */
  Subject previous(ModelSpec spec, Optional<ResolvedModel> failed) {
    if (failed.isEmpty() || failed.get().version().isEmpty()) {
      throw impossible(spec, "which version failed is not known");
    }
    String name = failed.get().name();
    int version = failed.get().version().getAsInt();
    int before =
        rooms.registry().versions(name).map(RegisteredVersions::versions).stream()
            .flatMap(java.util.List::stream)
            .mapToInt(Integer::intValue)
            .filter(other -> other < version)
            .max()
            .orElseThrow(
                () -> impossible(spec, "version " + version + " of " + name + " is its first"));
    ResolvedModel resolved = rooms.registry().resolve("models:/" + name + "/" + before);
    return read(spec, resolved, "previous_version", new Progress());
  }

  private static ScorebatchException impossible(ModelSpec spec, String why) {
    return ScorebatchException.of(
        ErrorCode.FALLBACK_NOT_POSSIBLE,
        "Model '" + spec.modelName() + "' cannot fall back to a previous version: " + why + ".",
        "",
        "register a version that works, or add another fallback.");
  }
}
