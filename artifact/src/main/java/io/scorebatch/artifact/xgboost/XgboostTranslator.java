package io.scorebatch.artifact.xgboost;

import io.scorebatch.api.model.BoostedLinearModel;
import io.scorebatch.api.model.Categories;
import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.artifact.model.ClassLabels;
import io.scorebatch.artifact.model.NativeModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns the content of an XGBoost file and its Python wrapper into a model. One thread at a time.
 */
final class XgboostTranslator {
  private static final int MAX_FEATURES = 1 << 20;
  private static final int MAX_OUTPUTS = 1 << 14;

  private final Block root;
  private final Block learner;
  private final Wrapper wrapper;
  private final String format;
  private final List<String> notes = new ArrayList<>();
  private final Objective objective;
  private final int features;
  private final int outputs;
  private final float[] start;

  private XgboostTranslator(Block root, Wrapper wrapper, String format) {
    this.root = root;
    this.learner = root.block("learner");
    this.wrapper = wrapper;
    this.format = format;
    Block param = learner.block("learner_model_param");
    String name = learner.block("objective").text("name");
    this.objective =
        Objective.parse(name == null ? "" : name)
            .orElseThrow(
                () ->
                    name == null
                        ? root.damaged("it has no objective")
                        : XgboostErrors.unsupported(root.source(), "the objective '" + name + "'"));
    this.features = bounded(param, "num_feature", param.count("num_feature", 0), MAX_FEATURES);
    int classes = param.count("num_class", 0);
    int targets = param.count("num_target", 1);
    this.outputs =
        bounded(param, "num_class", Math.max(Math.max(classes, targets), 1), MAX_OUTPUTS);
    this.start = start(param);
  }

  static NativeModel translate(Block root, Wrapper wrapper, String format) {
    try {
      return new XgboostTranslator(root, wrapper, format).model();
    } catch (IllegalArgumentException e) {
      throw root.damaged(String.valueOf(e.getMessage()));
    }
  }

  private static int bounded(Block param, String name, int value, int most) {
    if (value > most) {
      throw param.damaged(name + " is " + value);
    }
    return value;
  }

  private NativeModel model() {
    Block booster = learner.block("gradient_booster");
    String name = booster.text("name");
    Block model;
    Estimator estimator;
    switch (name == null ? "" : name) {
      case "gbtree":
        model = booster.block("model");
        estimator = trees(model, new double[0]);
        break;
      case "dart":
        model = booster.block("gbtree").block("model");
        estimator = trees(model, booster.numbers("weight_drop"));
        break;
      case "gblinear":
        model = booster.block("model");
        estimator = linear(model);
        break;
      case "":
        throw root.damaged("it has no booster");
      default:
        throw XgboostErrors.unsupported(root.source(), "the booster '" + name + "'");
    }
    List<@Nullable Categories> categories = StoredCategories.read(model, features);
    List<Transform> steps = new ArrayList<>(StoredCategories.steps(categories));
    wrapper.missing().ifPresent(value -> steps.add(new Transform.ValueToNan(value)));
    // The wrappers score tree boosters in place, which checks nothing; a DMatrix refuses infinity,
    // unless it stands for a missing value.
    boolean infinities = wrapper.missing().stream().anyMatch(Double::isInfinite);
    if ((wrapper.isBooster() || estimator instanceof BoostedLinearModel) && !infinities) {
      steps.add(new Transform.Check(Accept.FINITE_FLOAT_OR_NAN));
    }
    Optional<Labels> labels = labels();
    List<String> names = names();
    noteCategories(names, categories);
    List<ModelInput> inputs = new ArrayList<>();
    for (int i = 0; i < features; i++) {
      Categories known = categories.get(i);
      inputs.add(
          new ModelInput(names.isEmpty() ? "f" + i : names.get(i), known != null && known.text()));
    }
    Model read =
        new Model(
            new ModelOrigin("xgboost", version(), wrapper.className(), format),
            task(),
            inputs,
            !names.isEmpty(),
            labels,
            severalLabels() ? ClassLabels.flags(outputs) : List.of(),
            outputKinds(),
            steps.isEmpty() ? estimator : new Pipeline(steps, estimator));
    return new NativeModel(read, notes);
  }

  private List<String> names() {
    List<String> names = learner.texts("feature_names");
    if (!names.isEmpty() && names.size() != features) {
      throw root.damaged("it has " + names.size() + " names for " + features + " features");
    }
    return names;
  }

  private String version() {
    double[] parts = root.numbers("version");
    return parts.length == 0
        ? "unknown"
        : Arrays.stream(parts)
            .mapToObj(part -> Long.toString((long) part))
            .collect(Collectors.joining("."));
  }

  private void noteCategories(List<String> names, List<@Nullable Categories> categories) {
    List<String> types = learner.texts("feature_types");
    List<String> bare = new ArrayList<>();
    for (int i = 0; i < Math.min(types.size(), features); i++) {
      if (types.get(i).equals("c") && categories.get(i) == null) {
        bare.add(names.isEmpty() ? "f" + i : names.get(i));
      }
    }
    if (!bare.isEmpty()) {
      notes.add(
          "The model file does not hold the categories of "
              + String.join(", ", bare)
              + ": these columns must bring the codes used in training as numbers (XGBoost keeps"
              + " category lists since 3.1).");
    }
  }

  // ---- what it answers

  private boolean multiclass() {
    return objective.kind() == Objective.Kind.MULTICLASS;
  }

  private Task task() {
    if (severalLabels()) {
      return Task.MULTI_OUTPUT_CLASSIFICATION;
    }
    boolean classifier =
        wrapper.role() == Wrapper.Role.CLASSIFIER
            || wrapper.isBooster() && objective.kind() != Objective.Kind.REGRESSION && !many();
    if (!classifier) {
      return Task.REGRESSION;
    }
    return multiclass() && outputs > 2
        ? Task.MULTICLASS_CLASSIFICATION
        : Task.BINARY_CLASSIFICATION;
  }

  /** Several outputs that are no classes of one. */
  private boolean many() {
    return !multiclass() && outputs > 1;
  }

  /** A classifier of several labels a row, each 0 or 1; a Booster answers its probabilities. */
  private boolean severalLabels() {
    return many() && wrapper.role() == Wrapper.Role.CLASSIFIER;
  }

  private Optional<Labels> labels() {
    if (task() == Task.REGRESSION || severalLabels()) {
      return Optional.empty();
    }
    int classes = multiclass() ? outputs : 2;
    Labels labels = wrapper.labels().orElseGet(() -> ClassLabels.numbered(classes));
    if (labels.size() != classes) {
      throw root.damaged(
          "its wrapper has " + labels.size() + " labels for " + classes + " classes");
    }
    return Optional.of(labels);
  }

  private Set<OutputKind> outputKinds() {
    Set<OutputKind> kinds = EnumSet.of(OutputKind.PREDICT, OutputKind.RAW_MARGIN);
    if (task() != Task.REGRESSION && objective.link().probabilities()) {
      kinds.add(OutputKind.PREDICT_PROBA);
    }
    return kinds;
  }

  private Response response() {
    Rule rule = Rule.VALUE;
    if (wrapper.role() == Wrapper.Role.CLASSIFIER) {
      rule = multiclass() ? Rule.MOST_PROBABLE : Rule.PROBABILITY_ABOVE_HALF;
    } else if (objective == Objective.SOFTMAX) {
      rule = Rule.GREATEST_RAW;
    }
    return Response.classes(objective.link(), rule);
  }

  // ---- boosters

  private Estimator trees(Block model, double[] weightDrop) {
    List<Block> trees = model.blocks("trees");
    int[] output = model.integers("tree_info", trees.size());
    if (weightDrop.length != 0 && weightDrop.length != trees.size()) {
      throw root.damaged("it has " + weightDrop.length + " weights for " + trees.size() + " trees");
    }
    int width = 1;
    for (Block tree : trees) {
      width = Math.max(width, tree.block("tree_param").count("size_leaf_vector", 1));
    }
    if (width > 1 && width != outputs) {
      throw root.damaged("it has leaves of " + width + " numbers for " + outputs + " outputs");
    }
    for (int k : output) {
      if (k < 0 || k >= outputs) {
        throw root.damaged("a tree adds to output " + k + " of " + outputs);
      }
    }
    int used = used(model, trees.size(), width);
    int[] outputOfTree = width > 1 ? new int[0] : Arrays.copyOf(output, used);
    double[] from = new double[outputs];
    for (int k = 0; k < outputs; k++) {
      from[k] = start[k];
    }
    return TreeEnsemble.of(
        new Trees(features, wrapper.isBooster() ? new float[outputs] : start, width)
            .table(trees.subList(0, used), output, weightDrop),
        SplitRule.FLOAT_BELOW,
        categoryRule(trees),
        outputOfTree,
        Precision.FLOAT,
        from,
        1,
        response());
  }

  /** Releases before 1.7.3 send codes beyond a set another way. */
  private CategoryRule categoryRule(List<Block> trees) {
    double[] version = root.numbers("version");
    boolean categories =
        trees.stream().anyMatch(tree -> tree.integers("categories_nodes").length > 0);
    if (!categories || version.length < 3) {
      return CategoryRule.XGBOOST;
    }
    int[] release = Arrays.stream(version).mapToInt(part -> (int) part).toArray();
    if (Arrays.compare(release, new int[] {1, 6, 0}) < 0) {
      throw XgboostErrors.unsupported(
          root.source(), "categorical splits of XGBoost " + version() + ", older than 1.6");
    }
    return Arrays.compare(release, new int[] {1, 7, 3}) < 0
        ? CategoryRule.XGBOOST_1_6
        : CategoryRule.XGBOOST;
  }

  /** The wrappers stop at the best iteration of early stopping; a Booster takes all trees. */
  private int used(Block model, int trees, int width) {
    OptionalInt best = bestIteration();
    if (best.isEmpty() || wrapper.isBooster()) {
      if (best.isPresent() && trees > 0) {
        notes.add(
            "All "
                + trees
                + " trees are used, as the logged Booster does; early stopping found iteration "
                + best.getAsInt()
                + " to be the best.");
      }
      return trees;
    }
    int[] ends = model.integers("iteration_indptr");
    long used;
    if (ends.length > 0) {
      used = best.getAsInt() < ends.length - 1 ? ends[best.getAsInt() + 1] : trees;
    } else {
      int parallel = model.block("gbtree_model_param").count("num_parallel_tree", 1);
      long perIteration = (long) Math.max(parallel, 1) * (width > 1 ? 1 : outputs);
      used = Math.min((best.getAsInt() + 1L) * perIteration, trees);
    }
    if (used < 0 || used > trees) {
      throw root.damaged("iteration_indptr counts " + used + " of " + trees + " trees");
    }
    if (used < trees) {
      notes.add(
          used + " of " + trees + " trees are used: up to best_iteration " + best.getAsInt() + ".");
    }
    return (int) used;
  }

  private OptionalInt bestIteration() {
    Block attributes = learner.block("attributes");
    return attributes.has("best_iteration")
        ? OptionalInt.of(attributes.count("best_iteration", 0))
        : OptionalInt.empty();
  }

  private Estimator linear(Block model) {
    long size = (features + 1L) * outputs;
    double[] stored = model.numbers("weights");
    if (stored.length != size) {
      throw model.damaged("it has " + stored.length + " weights where " + size + " belong");
    }
    // XGBoost (to 3.2 at least) starts every output of gblinear from the first base score.
    double[] base = new double[outputs];
    Arrays.fill(base, start[0]);
    return new BoostedLinearModel(
        features,
        Arrays.copyOf(stored, features * outputs),
        Arrays.copyOfRange(stored, features * outputs, stored.length),
        base,
        response());
  }

  // ---- start

  /** {@code 5E-1}; since 3.1 {@code [5E-1]}, or one number for each output. */
  private float[] start(Block param) {
    String text = param.text("base_score");
    String numbers = text == null ? "5E-1" : text.strip();
    if (numbers.startsWith("[") && numbers.endsWith("]")) {
      numbers = numbers.substring(1, numbers.length() - 1);
    }
    String[] parts = numbers.split(",", -1);
    if (parts.length != 1 && parts.length != outputs) {
      throw param.damaged(
          "base_score has " + parts.length + " numbers for " + outputs + " outputs");
    }
    float[] margins = new float[outputs];
    for (int k = 0; k < outputs; k++) {
      String part = parts[parts.length == 1 ? 0 : k].strip();
      float margin;
      try {
        margin = objective.margin(Float.parseFloat(part));
      } catch (NumberFormatException e) {
        throw param.damaged("base_score is '" + part + "'");
      }
      if (!Float.isFinite(margin)) {
        throw param.damaged("base_score " + part + " has no place in " + objective.text());
      }
      margins[k] = margin;
    }
    return margins;
  }
}
