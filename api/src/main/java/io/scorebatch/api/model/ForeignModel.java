package io.scorebatch.api.model;

import java.nio.file.Path;
import java.util.Map;

/**
 * A model that only its own runtime can score.
 *
 * @param runtime {@code onnx}, {@code catboost}, {@code python}: the id a {@link ScorerFactory} of
 *     a foreign runtime answers to
 * @param artifact the file or folder the runtime loads
 * @param attributes what the runtime needs beside the file
 */
public record ForeignModel(String runtime, Path artifact, Map<String, String> attributes)
    implements ModelStructure {
  public ForeignModel {
    attributes = Map.copyOf(attributes);
  }
}
