package io.scorebatch.artifact.lightgbm;

import io.scorebatch.api.model.Labels;
import io.scorebatch.artifact.model.ClassLabels;
import io.scorebatch.artifact.model.NativeModel;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads LightGBM models: text files, boosters and scikit-learn wrappers inside pickles and skops
 * files. Versions 2.3 to 4.x. Thread-safe.
 */
public final class LightgbmReader {
  /** The scikit-learn wrappers, which may be parts of scikit-learn objects. */
  public static final Set<String> WRAPPERS =
      Set.of(
          "lightgbm.sklearn.LGBMClassifier",
          "lightgbm.sklearn.LGBMRegressor",
          "lightgbm.sklearn.LGBMRanker");

  private static final String BOOSTER = "lightgbm.basic.Booster";

  private LightgbmReader() {}

  /**
   * Reads a file of {@code save_model}: a Booster, cut at its best iteration when it was saved.
   *
   * @param text the file's content
   * @param source the file, for messages
   * @param textColumns all input columns that hold text, where that is known; null where it is not.
   *     Asked only where the file does not tell which columns its category lists belong to
   * @throws io.scorebatch.api.error.ScorebatchException {@code MODEL_UNREADABLE} or {@code
   *     MODEL_UNSUPPORTED}
   */
  public static NativeModel readText(
      String text, String source, @Nullable Set<String> textColumns) {
    return LightgbmTranslator.translate(
        ModelText.parse(text, source),
        source,
        new Wrapper(BOOSTER, Optional.empty(), 0, false, "lightgbm-text"),
        textColumns);
  }

  /** Whether a pickled object is one this reader reads. */
  public static boolean reads(PyObject object) {
    return object.className().equals(BOOSTER) || WRAPPERS.contains(object.className());
  }

  /**
   * Reads a Booster or a scikit-learn wrapper out of a pickle or skops file.
   *
   * @param object the object, of a class that {@link #reads}
   * @param source the file, for messages
   * @param format format of that file, for the model's origin
   * @param textColumns as for {@link #readText}
   */
  public static NativeModel readObject(
      PyObject object, String source, String format, @Nullable Set<String> textColumns) {
    if (!reads(object)) {
      throw LightgbmErrors.unsupported(source, "the class " + object.className());
    }
    PyObject booster = object.className().equals(BOOSTER) ? object : object.object("_Booster");
    Object text = booster.has("_handle") ? booster.find("_handle") : booster.find("handle");
    if (!(text instanceof String model)) {
      throw LightgbmErrors.damaged(source, "its Booster holds no model text");
    }
    long best = booster.integerOr("best_iteration", 0);
    return LightgbmTranslator.translate(
        ModelText.parse(model, source),
        source,
        new Wrapper(
            object.className(),
            labels(object),
            (int) Math.min(Math.max(best, 0), Integer.MAX_VALUE),
            object.find("_fitted_with_feature_names") != null,
            format),
        textColumns);
  }

  /**
   * The Python class around a booster.
   *
   * @param className fully qualified
   * @param labels the classes of a classifier
   * @param bestIteration iterations to use; 0 for all
   * @param decides whether the release that wrote it has {@code decision_function}: 4.7 and later,
   *     which also note whether they were fitted with names
   * @param format format of the file
   */
  record Wrapper(
      String className,
      Optional<Labels> labels,
      int bestIteration,
      boolean decides,
      String format) {
    boolean isClassifier() {
      return className.endsWith("LGBMClassifier");
    }

    boolean isBooster() {
      return className.equals(BOOSTER);
    }
  }

  private static Optional<Labels> labels(PyObject wrapper) {
    Object classes =
        wrapper.find("_le") instanceof PyObject encoder ? encoder.find("classes_") : null;
    if (classes == null || classes == PyNone.NONE) {
      classes = wrapper.find("_classes");
    }
    return classes instanceof NdArray array ? Optional.of(ClassLabels.of(array)) : Optional.empty();
  }
}
