package io.scorebatch.registry.mlflow;

import io.scorebatch.api.registry.ModelUpload;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What MLflow lets a name and an alias be, and which files a model has. */
final class UploadRules {
  private static final Pattern ALIAS = Pattern.compile("[\\w-]{1,255}");
  private static final Pattern BAD_IN_NAMES = Pattern.compile("[/:\\\\\\p{Cntrl}]");
  private static final Pattern TAG = Pattern.compile("[\\w-][\\w .-]{0,249}");
  private static final int LONGEST_NAME = 256;

  private UploadRules() {}

  /**
   * Checks before anything is written.
   *
   * @throws io.scorebatch.api.error.ScorebatchException {@code MODEL_URI_INVALID}, {@code
   *     MODEL_ARTIFACT_MISSING}
   */
  static void check(ModelUpload model) {
    String name = model.name();
    if (name.isBlank() || name.strip().length() != name.length()) {
      throw PublishErrors.nameInvalid(name, "It is empty, or has blanks at its ends.");
    }
    if (BAD_IN_NAMES.matcher(name).find() || name.equals(".") || name.equals("..")) {
      throw PublishErrors.nameInvalid(name, "Names have no '/', '\\' or ':'.");
    }
    if (name.length() > LONGEST_NAME) {
      throw PublishErrors.nameInvalid(name, "It is longer than " + LONGEST_NAME + " characters.");
    }
    model.alias().ifPresent(UploadRules::checkAlias);
    for (String key : model.tags().keySet()) {
      if (!TAG.matcher(key).matches()) {
        throw PublishErrors.nameInvalid(
            name, "It has a tag '" + key + "', which is no tag's name.");
      }
    }
    if (!Files.isRegularFile(model.folder().resolve("MLmodel"))) {
      throw PublishErrors.noModel(model.folder().toString());
    }
  }

  private static void checkAlias(String alias) {
    if (!ALIAS.matcher(alias).matches()) {
      throw PublishErrors.aliasInvalid(alias, "It holds other characters, or too many.");
    }
    if (alias.toLowerCase(Locale.ROOT).equals("latest") || alias.matches("[vV]\\d+")) {
      throw PublishErrors.aliasInvalid(alias, "It stands for a version already.");
    }
  }

  /** Relative paths of a model's files, parts joined with {@code /}. */
  static List<String> files(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      return all.filter(Files::isRegularFile)
          .map(file -> folder.relativize(file).toString().replace('\\', '/'))
          .sorted()
          .toList();
    }
  }

  /** Copies a model's files to a folder that is made for them. */
  static void copy(Path folder, Path to) throws IOException {
    for (String file : files(folder)) {
      Path target = to.resolve(file);
      Files.createDirectories(target.getParent());
      Files.copy(folder.resolve(file), target);
    }
  }

  /** Removes what was written in vain; what cannot be removed stays. */
  static void remove(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted(java.util.Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      // The failure that led here is the one to tell.
    }
  }
}
