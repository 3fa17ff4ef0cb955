package io.scorebatch.client;

import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.ForeignModelReader;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.ModelReader;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Task;
import io.scorebatch.artifact.ArtifactReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;

/**
 * Reads MLflow folders, and single model files that lie outside one: those the artifact room knows
 * by their content, ONNX and CatBoost files by their endings. Thread-safe.
 */
final class FolderOrFileReader implements ModelReader {
  private static final Map<String, String> RUNTIME_OF_ENDING =
      Map.of("onnx", "onnx", "cbm", "catboost", "cb", "catboost");

  private final ArtifactReader artifacts = new ArtifactReader();

  @Override
  public ModelPackage read(Path given) {
    if (!Files.isRegularFile(given) || given.endsWith("MLmodel")) {
      return artifacts.read(given);
    }
    String name = String.valueOf(given.getFileName()).toLowerCase(Locale.ROOT);
    String runtime = RUNTIME_OF_ENDING.get(name.substring(name.lastIndexOf('.') + 1));
    return runtime == null ? artifacts.readFile(given) : foreign(given, runtime);
  }

  private static ModelPackage foreign(Path file, String runtime) {
    Path parent = file.toAbsolutePath().getParent();
    LoggedModel logged =
        new LoggedModel(
            parent == null ? file : parent,
            null,
            null,
            Map.of(),
            Optional.empty(),
            null,
            null,
            null);
    Model model =
        new Model(
            new ModelOrigin(runtime, "unknown", "unknown", runtime),
            Task.UNKNOWN,
            List.of(),
            false,
            Optional.empty(),
            Set.of(OutputKind.PREDICT),
            new ForeignModel(runtime, file, Map.of()));
    for (ForeignModelReader reader : ServiceLoader.load(ForeignModelReader.class)) {
      if (reader.runtime().equals(runtime)) {
        model = reader.complete(model, logged);
      }
    }
    try {
      return new ModelPackage(
          logged,
          logged,
          Optional.empty(),
          model,
          Optional.of(OutputKind.PREDICT),
          List.of(),
          sha256(file),
          Files.size(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha256(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file);
        DigestInputStream digested =
            new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
      digested.transferTo(java.io.OutputStream.nullOutputStream());
      return HexFormat.of().formatHex(digested.getMessageDigest().digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
