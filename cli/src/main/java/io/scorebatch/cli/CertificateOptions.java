package io.scorebatch.cli;

import io.scorebatch.client.Connections;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where certificates of parity are kept. */
final class CertificateOptions {
  @Option(
      names = "--certificates",
      paramLabel = "DIR",
      description =
          "Folder of parity certificates (environment: SCOREBATCH_CERTIFICATES; default:"
              + " ~/.cache/scorebatch/certificates).")
  private @Nullable Path folder;

  Connections apply(Connections connections) {
    return connections.withCertificates(folder);
  }
}
