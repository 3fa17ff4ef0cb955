package io.scorebatch.artifact;

import io.scorebatch.api.model.Model;
import io.scorebatch.artifact.lightgbm.LightgbmReader;
import io.scorebatch.artifact.model.NativeModel;
import io.scorebatch.artifact.pickle.PickleReader;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.sklearn.SklearnTranslator;
import io.scorebatch.artifact.skops.SkopsReader;
import io.scorebatch.artifact.xgboost.XgboostReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One file with a model's weights. Its content, not its name, tells the format. */
final class ModelFile {
  private static final long MAX_BYTES = 1L << 30;
  private static final String BOOSTER = "xgboost.core.Booster";

  private ModelFile() {}

  /**
   * Reads the file.
   *
   * @param className class an XGBoost file is used as; null for the Booster
   * @param textColumns all columns that hold text; null where unknown
   */
  static NativeModel read(
      Path file, @Nullable String className, @Nullable Set<String> textColumns) {
    byte[] bytes = bytes(file);
    String source = "'" + file + "'";
    if (startsWith(bytes, "PK\3\4")) {
      return fromObject(SkopsReader.read(source, bytes), source, "skops", textColumns);
    }
    if (startsWith(bytes, "tree\n") || startsWith(bytes, "tree\r")) {
      return LightgbmReader.readText(text(bytes, file), source, textColumns);
    }
    if (looksLikeXgboost(bytes)) {
      return XgboostReader.readFile(bytes, source, className == null ? BOOSTER : className);
    }
    return fromObject(PickleReader.read(source, bytes), source, "pickle", textColumns);
  }

  /** What a pickle or skops file holds: a booster, its wrapper, or a scikit-learn object. */
  private static NativeModel fromObject(
      Object object, String source, String format, @Nullable Set<String> textColumns) {
    if (object instanceof PyObject python) {
      if (XgboostReader.reads(python)) {
        return XgboostReader.readObject(python, source, format);
      }
      if (LightgbmReader.reads(python)) {
        return LightgbmReader.readObject(python, source, format, textColumns);
      }
    }
    List<String> notes = new ArrayList<>();
    Map<String, Function<PyObject, Model>> boosters = new HashMap<>();
    for (String name : XgboostReader.WRAPPERS) {
      boosters.put(name, part -> noted(XgboostReader.readObject(part, source, format), notes));
    }
    for (String name : LightgbmReader.WRAPPERS) {
      boosters.put(
          name, part -> noted(LightgbmReader.readObject(part, source, format, null), notes));
    }
    return new NativeModel(new SklearnTranslator(boosters).translate(object, format), notes);
  }

  private static Model noted(NativeModel read, List<String> notes) {
    notes.addAll(read.notes());
    return read.model();
  }

  private static boolean looksLikeXgboost(byte[] bytes) {
    int first = 0;
    while (first < bytes.length && bytes[first] > 0 && bytes[first] <= ' ') {
      first++;
    }
    return first < bytes.length && bytes[first] == '{'
        || startsWith(bytes, "binf")
        || startsWith(bytes, "CONFIG-offset:");
  }

  private static byte[] bytes(Path file) {
    try {
      if (Files.size(file) > MAX_BYTES) {
        throw ArtifactErrors.tooLarge(file, Files.size(file));
      }
      return Files.readAllBytes(file);
    } catch (IOException e) {
      throw ArtifactErrors.unreadable(file, e);
    }
  }

  private static String text(byte[] bytes, Path file) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw ArtifactErrors.notText(file);
    }
  }

  private static boolean startsWith(byte[] bytes, String prefix) {
    if (bytes.length < prefix.length()) {
      return false;
    }
    for (int i = 0; i < prefix.length(); i++) {
      if (bytes[i] != prefix.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
