package io.scorebatch.artifact.xgboost;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scorebatch.api.model.Labels;
import io.scorebatch.artifact.model.ClassLabels;
import io.scorebatch.artifact.model.NativeModel;
import io.scorebatch.artifact.pickle.Attributes;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyBytes;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PyObject;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/**
 * Reads XGBoost models: JSON and UBJSON files, boosters and scikit-learn wrappers inside pickles
 * and skops files. Versions 1.0 to 3.x. Thread-safe.
 */
public final class XgboostReader {
  /** The scikit-learn wrappers, which may be parts of scikit-learn objects. */
  public static final Set<String> WRAPPERS =
      Set.of(
          "xgboost.sklearn.XGBClassifier",
          "xgboost.sklearn.XGBRegressor",
          "xgboost.sklearn.XGBRanker",
          "xgboost.sklearn.XGBRFClassifier",
          "xgboost.sklearn.XGBRFRegressor");

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(JsonReadFeature.ALLOW_NON_NUMERIC_NUMBERS).build();

  private XgboostReader() {}

  /**
   * Reads a file of {@code save_model}.
   *
   * @param bytes the file's content, JSON or UBJSON; the content tells which
   * @param source the file, for messages
   * @param className the class it was logged as: a wrapper uses trees up to the best iteration and
   *     answers labels, {@code xgboost.core.Booster} uses all trees and answers probabilities
   * @throws io.scorebatch.api.error.ScorebatchException {@code MODEL_UNREADABLE} or {@code
   *     MODEL_UNSUPPORTED}
   */
  public static NativeModel readFile(byte[] bytes, String source, String className) {
    Block root = content(bytes, source);
    return XgboostTranslator.translate(
        root, fileWrapper(root, className), isJson(bytes) ? "xgboost-json" : "xgboost-ubj");
  }

  /** Whether a pickled object is one this reader reads. */
  public static boolean reads(PyObject object) {
    return Wrapper.role(object.className()).isPresent();
  }

  /**
   * Reads a Booster or a scikit-learn wrapper out of a pickle or skops file.
   *
   * @param object the object, of a class that {@link #reads}
   * @param source the file, for messages
   * @param format format of that file, for the model's origin
   */
  public static NativeModel readObject(PyObject object, String source, String format) {
    Wrapper.Role role = role(object.className(), source);
    PyObject booster = role == Wrapper.Role.BOOSTER ? object : object.object("_Booster");
    byte[] handle = bytes(booster, source);
    Block root = content(handle, source);
    if (root.has("Model")) { // a booster in memory is saved with its configuration
      root = new Block(source, "model", root.block("Model").values());
    }
    Wrapper wrapper =
        role == Wrapper.Role.BOOSTER
            ? new Wrapper(object.className(), role, OptionalDouble.empty(), Optional.empty())
            : new Wrapper(object.className(), role, missing(object), labels(object));
    return XgboostTranslator.translate(root, wrapper, format);
  }

  private static byte[] bytes(PyObject booster, String source) {
    if (booster.find("handle") instanceof PyBytes bytes) {
      return bytes.toArray();
    }
    throw XgboostErrors.damaged(source, "its Booster holds no bytes");
  }

  private static Wrapper.Role role(String className, String source) {
    return Wrapper.role(className)
        .orElseThrow(() -> XgboostErrors.unsupported(source, "the class " + className));
  }

  // ---- which format

  private static Block content(byte[] bytes, String source) {
    if (startsWith(bytes, "binf") || startsWith(bytes, "CONFIG-offset:")) {
      throw XgboostErrors.legacyBinary(source);
    }
    if (isJson(bytes)) {
      return XgboostJson.read(bytes, source);
    }
    if (bytes.length > 1 && bytes[0] == '{') {
      return Ubjson.read(bytes, source);
    }
    throw XgboostErrors.damaged(
        source, bytes.length == 0 ? "it is empty" : "it is neither JSON nor UBJSON");
  }

  /** JSON has a quote after its opening brace, UBJSON the marker of a length. */
  private static boolean isJson(byte[] bytes) {
    int first = skipBlanks(bytes, 0);
    int second = skipBlanks(bytes, first + 1);
    return second < bytes.length
        && bytes[first] == '{'
        && (bytes[second] == '"' || bytes[second] == '}');
  }

  private static int skipBlanks(byte[] bytes, int from) {
    int i = from;
    while (i < bytes.length
        && (bytes[i] == ' ' || bytes[i] == '\n' || bytes[i] == '\r' || bytes[i] == '\t')) {
      i++;
    }
    return i;
  }

  private static boolean startsWith(byte[] bytes, String prefix) {
    byte[] wanted = prefix.getBytes(StandardCharsets.US_ASCII);
    return bytes.length >= wanted.length
        && java.util.Arrays.equals(bytes, 0, wanted.length, wanted, 0, wanted.length);
  }

  // ---- wrappers

  /** Up to 1.7 a file keeps the wrapper's parameters in an attribute. */
  private static Wrapper fileWrapper(Block root, String className) {
    Wrapper.Role role = role(className, root.source());
    String stored = root.block("learner").block("attributes").text("scikit_learn");
    OptionalDouble missing = OptionalDouble.empty();
    if (role != Wrapper.Role.BOOSTER && stored != null) {
      try {
        JsonNode value = JSON.readTree(stored).path("missing");
        if (value.isNumber()) {
          missing = missing(value.asDouble());
        }
      } catch (JsonProcessingException e) {
        throw root.damaged("its attribute scikit_learn is malformed JSON");
      }
    }
    return new Wrapper(className, role, missing, Optional.empty());
  }

  private static OptionalDouble missing(double value) {
    return Double.isNaN(value) ? OptionalDouble.empty() : OptionalDouble.of(value);
  }

  private static OptionalDouble missing(Attributes wrapper) {
    return missing(wrapper.numberOr("missing", Double.NaN));
  }

  /** Versions before 1.6 took labels of any kind; later ones are numbered from 0. */
  private static Optional<Labels> labels(PyObject wrapper) {
    if (wrapper.find("_le") instanceof PyObject encoder
        && encoder.find("classes_") instanceof NdArray classes) {
      return Optional.of(ClassLabels.of(classes));
    }
    Object classes = wrapper.find("classes_");
    if (classes == null || classes == PyNone.NONE) {
      return Optional.empty();
    }
    return classes instanceof NdArray array ? Optional.of(ClassLabels.of(array)) : Optional.empty();
  }
}
