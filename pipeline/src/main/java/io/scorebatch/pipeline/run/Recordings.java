package io.scorebatch.pipeline.run;

import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.ResolvedModel;
import java.nio.file.Path;

/** Compares models with rows that were scored and written down elsewhere. Thread-safe. */
public interface Recordings {
  /**
   * Scores the rows of a file and compares.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code RECORDING_INVALID}, {@code
   *     FILE_UNREADABLE}
   */
  Compared compare(ResolvedModel resolved, ModelPackage model, Path rows);

  /**
   * What was found.
   *
   * @param rows rows compared
   * @param verdict of all kinds of output together
   * @param worst the cell that differs most, with both values; for people
   */
  record Compared(long rows, Certificates.Verdict verdict, String worst) {}
}
