package io.scorebatch.client;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.pipeline.run.Certificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * Certificates by the digest of the model, a file each, whatever registry the model came from.
 * Thread-safe.
 */
record CertificateFolder(Path folder) implements Certificates {
  /** The folder that the connections name; relative ones start from theirs. */
  static CertificateFolder of(Connections connections) {
    return new CertificateFolder(connections.folder().resolve(connections.certificates()));
  }

  @Override
  public Optional<Verdict> verdict(String digest) {
    Path file = file(digest);
    if (!Files.isRegularFile(file)) {
      return Optional.empty();
    }
    try {
      return CertificateJson.verdict(Files.readString(file), digest);
    } catch (IOException e) {
      throw failed(file, "read", e);
    }
  }

  /** Keeps a certificate in place of an older one; the file. */
  Path keep(Certificate certificate) {
    Path file = file(certificate.digest());
    try {
      Files.createDirectories(folder);
      Path whole = Files.createTempFile(folder, "certificate", ".tmp");
      Files.writeString(whole, CertificateJson.print(certificate));
      return Files.move(whole, file, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw failed(file, "written", e);
    }
  }

  private Path file(String digest) {
    return folder.resolve(digest + ".json");
  }

  private static ScorebatchException failed(Path file, String what, IOException cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.FILE_UNREADABLE,
            "The certificate '" + file + "' cannot be " + what + ": " + cause + ".",
            "",
            "name a folder that may be used with --certificates or SCOREBATCH_CERTIFICATES."),
        cause);
  }
}
