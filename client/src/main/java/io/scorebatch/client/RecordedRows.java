package io.scorebatch.client;

import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.pipeline.run.Recordings;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * Compares models with recorded rows as {@code verify} does, and keeps no certificate.
 *
 * @param connections Python, where a model needs it
 */
record RecordedRows(Connections connections) implements Recordings {
  @Override
  public Compared compare(ResolvedModel resolved, ModelPackage model, Path rows) {
    Certificate found =
        Verification.of(connections, resolved.uri())
            .compare(resolved, model, RecordingFile.read(rows));
    String worst =
        found.kinds().stream()
            .max(Comparator.comparing(Certificate.Compared::verdict))
            .map(Certificate.Compared::worst)
            .orElse("");
    return new Compared(found.rows(), found.verdict(), worst);
  }
}
