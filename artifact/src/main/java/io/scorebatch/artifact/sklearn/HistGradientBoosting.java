package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.CategorySets;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeTable;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * HistGradientBoostingClassifier and HistGradientBoostingRegressor. Thresholds are compared in
 * float64; no value is refused. Since 1.4 a ColumnTransformer encodes categorical columns and puts
 * them first.
 */
final class HistGradientBoosting {
  private static final Set<String> LOG_LINKS = Set.of("poisson", "gamma");
  private static final Set<String> IDENTITY_LINKS =
      Set.of(
          "squared_error",
          "least_squares",
          "absolute_error",
          "least_absolute_deviation",
          "quantile");
  private static final int WORDS = 8;
  private static final int CODES = 32 * WORDS;

  private HistGradientBoosting() {}

  static Fitted regressor(PyObject boosting, Parts parts) {
    String loss = boosting.text("loss");
    boolean log = LOG_LINKS.contains(loss);
    if (!log && !IDENTITY_LINKS.contains(loss)) {
      throw SklearnErrors.setting(boosting, "loss", loss);
    }
    FittedTransform encoded = encoded(boosting, parts);
    Estimator sum =
        sum(boosting, encoded.width(), 1, Response.value(log ? Link.EXP : Link.IDENTITY));
    return Fitted.regressor(encoded.columns(), Steps.before(encoded.steps(), sum));
  }

  static Fitted classifier(PyObject boosting, Parts parts) {
    Labels labels = LabelArray.of(boosting);
    FittedTransform encoded = encoded(boosting, parts);
    int outputs = labels.size() == 2 ? 1 : labels.size();
    Response response =
        outputs == 1
            ? Response.classes(Link.SIGMOID, Rule.RAW_ABOVE_ZERO)
            : Response.classes(
                parts.version().since(1) ? Link.SOFTMAX : Link.SOFTMAX_LOGSUMEXP,
                Rule.GREATEST_RAW);
    return Fitted.classifier(
        encoded.columns(),
        labels,
        Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA, OutputKind.DECISION_FUNCTION),
        Steps.before(encoded.steps(), sum(boosting, encoded.width(), outputs, response)));
  }

  private static FittedTransform encoded(PyObject boosting, Parts parts) {
    if (boosting.has("_preprocessor")) {
      return parts.transform(boosting.object("_preprocessor"));
    }
    Columns columns = Columns.numbersOf(boosting);
    return FittedTransform.of(columns, columns.count());
  }

  private static Estimator sum(PyObject boosting, int features, int outputs, Response response) {
    List<NdArray> nodes = new ArrayList<>();
    List<NdArray> bitsets = new ArrayList<>();
    for (Object stage : boosting.sequence("_predictors").items()) {
      if (!(stage instanceof PySequence trees) || trees.size() != outputs) {
        throw SklearnErrors.damaged(
            boosting, "has a stage of " + stage + " for " + outputs + " outputs");
      }
      for (Object tree : trees.items()) {
        if (!(tree instanceof PyObject predictor)) {
          throw SklearnErrors.damaged(boosting, "has " + tree + " for a tree");
        }
        nodes.add(predictor.array("nodes"));
        bitsets.add(predictor.array("raw_left_cat_bitsets"));
      }
    }
    Sets sets = new Sets();
    int[] known = knownCategories(boosting, features, sets);
    TreeTable table = table(boosting, features, nodes, bitsets, sets, known);
    int[] outputOfTree = new int[nodes.size()];
    for (int i = 0; i < outputOfTree.length; i++) {
      outputOfTree[i] = i % outputs;
    }
    return TreeEnsemble.of(
        table,
        SplitRule.DOUBLE_AT_MOST,
        CategoryRule.HIST_GRADIENT_BOOSTING,
        outputOfTree,
        TreeEnsemble.Precision.DOUBLE,
        baseline(boosting, outputs),
        1,
        response);
  }

  private static double[] baseline(PyObject boosting, int outputs) {
    Object value = boosting.attribute("_baseline_prediction");
    double[] baseline =
        value instanceof NdArray array
            ? array.doubles()
            : new double[] {boosting.number("_baseline_prediction")};
    if (baseline.length != outputs) {
      throw SklearnErrors.damaged(boosting, "has " + baseline.length + " baselines");
    }
    return baseline;
  }

  private static TreeTable table(
      PyObject boosting,
      int features,
      List<NdArray> trees,
      List<NdArray> bitsets,
      Sets sets,
      int[] known) {
    int total = 0;
    for (NdArray tree : trees) {
      total = Math.addExact(total, tree.size());
    }
    int[] roots = new int[trees.size()];
    int[] left = new int[total];
    int[] right = new int[total];
    int[] feature = new int[total];
    double[] threshold = new double[total];
    byte[] missing = new byte[total];
    int[] categorySet = new int[total];
    double[] values = new double[total];
    int at = 0;
    for (int t = 0; t < roots.length; t++) {
      NdArray nodes = trees.get(t);
      int count = nodes.size();
      if (count == 0) {
        throw SklearnErrors.damaged(boosting, "has a tree without nodes");
      }
      int firstSet = sets.addAll(boosting, bitsets.get(t));
      int setCount = sets.size() - firstSet;
      roots[t] = at;
      long[] leaf = nodes.field("is_leaf").longs();
      long[] leftOf = nodes.field("left").longs();
      long[] rightOf = nodes.field("right").longs();
      long[] featureOf = nodes.field("feature_idx").longs();
      long[] goLeft = nodes.field("missing_go_to_left").longs();
      long[] categorical = nodes.field("is_categorical").longs();
      long[] setOf = nodes.field("bitset_idx").longs();
      double[] thresholds = nodes.field("num_threshold").doubles();
      System.arraycopy(nodes.field("value").doubles(), 0, values, at, count);
      for (int i = 0; i < count; i++) {
        categorySet[at + i] = -1;
        if (leaf[i] != 0) {
          left[at + i] = -1;
          right[at + i] = -1;
          continue;
        }
        boolean inside =
            leftOf[i] >= 0
                && leftOf[i] < count
                && rightOf[i] >= 0
                && rightOf[i] < count
                && featureOf[i] >= 0
                && featureOf[i] < features;
        if (!inside || (categorical[i] != 0 && (setOf[i] < 0 || setOf[i] >= setCount))) {
          throw SklearnErrors.damaged(boosting, "has a node that points outside the model");
        }
        left[at + i] = at + (int) leftOf[i];
        right[at + i] = at + (int) rightOf[i];
        feature[at + i] = (int) featureOf[i];
        threshold[at + i] = thresholds[i];
        missing[at + i] =
            (byte) (TreeTable.MISSING_NAN | (goLeft[i] != 0 ? TreeTable.DEFAULT_LEFT : 0));
        if (categorical[i] != 0) {
          categorySet[at + i] = firstSet + (int) setOf[i];
        }
      }
      at += count;
    }
    boolean anyCategorical = sets.size() > 0;
    return new TreeTable(
        features,
        roots,
        left,
        right,
        feature,
        threshold,
        missing,
        anyCategorical ? categorySet : new int[0],
        sets.build(),
        anyCategorical ? known : new int[0],
        1,
        values);
  }

  /** The codes seen at training of each categorical feature, -1 for numeric ones. */
  private static int[] knownCategories(PyObject boosting, int features, Sets sets) {
    int[] known = new int[features];
    java.util.Arrays.fill(known, -1);
    PyObject mapper = boosting.object("_bin_mapper");
    if (!mapper.has("is_categorical_")) {
      return known;
    }
    long[] categorical = mapper.array("is_categorical_").longs();
    List<NdArray> thresholds = Members.arrays(mapper, "bin_thresholds_");
    if (categorical.length != features || thresholds.size() != features) {
      throw SklearnErrors.damaged(mapper, "bins " + categorical.length + " of " + features);
    }
    for (int f = 0; f < features; f++) {
      if (categorical[f] == 0) {
        continue;
      }
      int[] words = new int[WORDS];
      for (double code : thresholds.get(f).doubles()) {
        if (!(code >= 0 && code < CODES)) {
          throw SklearnErrors.damaged(mapper, "knows the category code " + code);
        }
        words[(int) code >> 5] |= 1 << ((int) code & 31);
      }
      known[f] = sets.add(words);
    }
    return known;
  }

  /** Bit sets of 256 codes. */
  private static final class Sets {
    private final List<int[]> all = new ArrayList<>();

    int size() {
      return all.size();
    }

    int add(int[] words) {
      all.add(words);
      return all.size() - 1;
    }

    /** Adds the sets of a tree, eight words each; answers the number of the first. */
    int addAll(PyObject boosting, NdArray bitsets) {
      int first = all.size();
      if (bitsets.size() == 0) {
        return first;
      }
      if (bitsets.rank() != 2 || bitsets.extent(1) != WORDS) {
        throw SklearnErrors.damaged(boosting, "has category sets of shape " + bitsets);
      }
      long[] words = bitsets.longs();
      for (int i = 0; i < bitsets.extent(0); i++) {
        int[] set = new int[WORDS];
        for (int w = 0; w < WORDS; w++) {
          set[w] = (int) words[i * WORDS + w];
        }
        all.add(set);
      }
      return first;
    }

    CategorySets build() {
      int[] offsets = new int[all.size() + 1];
      int[] words = new int[all.size() * WORDS];
      for (int i = 0; i < all.size(); i++) {
        offsets[i + 1] = (i + 1) * WORDS;
        System.arraycopy(all.get(i), 0, words, i * WORDS, WORDS);
      }
      return new CategorySets(offsets, words);
    }
  }
}
