package io.scorebatch.pipeline.config;

import java.nio.file.Path;

/** Gates as a pipeline file writes them. */
public final class GatesText {
  private GatesText() {}

  /** The gates of a model whose entry says this. */
  public static Gates parse(String gates) {
    String text =
        """
        version: 1
        catalog: main
        schema: ml
        models:
          - {model_name: m, feature_table: f, id_columns: [k], output_table: o, model_type: raw, gates: %s}
        """
            .formatted(gates);
    return PipelineFile.parse(text, "pipeline.yaml", Path.of(".")).models().get(0).gates();
  }
}
