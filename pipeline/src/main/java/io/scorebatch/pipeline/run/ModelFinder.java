package io.scorebatch.pipeline.run;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.PipelineSpec;

/** Finds the version of a model that a pipeline means. Thread-safe. */
final class ModelFinder {
  private final ModelRegistry registry;
  private final PipelineSpec pipeline;

  ModelFinder(ModelRegistry registry, PipelineSpec pipeline) {
    this.registry = registry;
    this.pipeline = pipeline;
  }

  /** The version its URI names; else the newest under its full name, or under its bare name. */
  ResolvedModel find(ModelSpec spec) {
    if (spec.modelUri().isPresent()) {
      return registry.resolve(spec.modelUri().get());
    }
    String full = "models:/" + qualifiedName(spec) + "/latest";
    if (spec.modelName().contains(".")) {
      return registry.resolve(full);
    }
    try {
      return registry.resolve(full);
    } catch (ScorebatchException e) {
      if (e.problem().code() != ErrorCode.MODEL_NOT_FOUND) {
        throw e;
      }
      try {
        return registry.resolve("models:/" + spec.modelName() + "/latest");
      } catch (ScorebatchException second) {
        if (second.problem().code() != ErrorCode.MODEL_NOT_FOUND) {
          throw second;
        }
        throw e;
      }
    }
  }

  private String qualifiedName(ModelSpec spec) {
    return spec.modelName().contains(".")
        ? spec.modelName()
        : pipeline.catalog() + "." + pipeline.schema() + "." + spec.modelName();
  }
}
