package io.scorebatch.artifact.lightgbm;

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
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.artifact.lightgbm.LightgbmReader.Wrapper;
import io.scorebatch.artifact.lightgbm.ModelText.Section;
import io.scorebatch.artifact.model.ClassLabels;
import io.scorebatch.artifact.model.NativeModel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Turns a LightGBM text and its Python wrapper into a model. One thread at a time. */
final class LightgbmTranslator {
  private static final int MAX_FEATURES = 1 << 20;
  private static final int MAX_OUTPUTS = 1 << 14;

  private final ModelText text;
  private final String source;
  private final Wrapper wrapper;
  private final List<String> notes = new ArrayList<>();
  private final Objective objective;
  private final int outputs;

  private LightgbmTranslator(ModelText text, String source, Wrapper wrapper) {
    this.text = text;
    this.source = source;
    this.wrapper = wrapper;
    Section header = text.header();
    this.objective = Objective.parse(header.text("objective").orElse(""), source);
    int classes = header.countOr("num_class", 1, MAX_OUTPUTS);
    this.outputs = Math.max(1, header.countOr("num_tree_per_iteration", classes, MAX_OUTPUTS));
  }

  static NativeModel translate(
      ModelText text, String source, Wrapper wrapper, @Nullable Set<String> textColumns) {
    try {
      return new LightgbmTranslator(text, source, wrapper).model(textColumns);
    } catch (IllegalArgumentException e) {
      throw LightgbmErrors.damaged(source, String.valueOf(e.getMessage()));
    }
  }

  private NativeModel model(@Nullable Set<String> textColumns) {
    Section header = text.header();
    int features = header.count("max_feature_idx", MAX_FEATURES - 1) + 1;
    List<String> names = List.of(header.parts("feature_names"));
    if (names.size() != features) {
      throw LightgbmErrors.damaged(
          source, "it has " + names.size() + " names for " + features + " features");
    }
    boolean named = !generated(names);
    List<@Nullable Categories> categories =
        PandasCategories.assign(
            text.pandasCategories(), header.parts("feature_infos"), names, textColumns, source);
    List<ModelInput> inputs = new ArrayList<>();
    for (int i = 0; i < features; i++) {
      Categories known = categories.get(i);
      inputs.add(new ModelInput(named ? names.get(i) : "f" + i, known != null && known.text()));
    }
    List<Transform> steps = PandasCategories.steps(categories);
    Estimator trees = trees(features);
    Optional<Labels> labels = labels();
    Model model =
        new Model(
            new ModelOrigin("lightgbm", "unknown", wrapper.className(), wrapper.format()),
            task(),
            inputs,
            named,
            labels,
            outputKinds(labels.isPresent(), wrapper),
            steps.isEmpty() ? trees : new Pipeline(steps, trees));
    return new NativeModel(model, notes);
  }

  /** The names LightGBM makes up for a matrix. */
  private static boolean generated(List<String> names) {
    for (int i = 0; i < names.size(); i++) {
      if (!names.get(i).equals("Column_" + i)) {
        return false;
      }
    }
    return true;
  }

  // ---- trees

  private TreeEnsemble trees(int features) {
    int used = used();
    Trees trees = new Trees(features, text.trees().subList(0, used));
    int[] outputOfTree = new int[used];
    Arrays.setAll(outputOfTree, tree -> tree % outputs);
    boolean average = text.header().has("average_output");
    return new TreeEnsemble(
        trees.table(),
        SplitRule.DOUBLE_AT_MOST,
        CategoryRule.LIGHTGBM,
        outputs,
        outputOfTree,
        Precision.DOUBLE,
        new double[outputs],
        Optional.empty(),
        trees.linearLeaves(),
        average ? Math.max(used / outputs, 1) : 1,
        average,
        new Response(objective.link(), objective.parameter(), rule()));
  }

  /** Pickles hold all trees and the number of iterations that predict takes. */
  private int used() {
    int trees = text.trees().size();
    if (trees % outputs != 0) {
      throw LightgbmErrors.damaged(
          source, trees + " trees do not make whole iterations of " + outputs);
    }
    long best = (long) wrapper.bestIteration() * outputs;
    if (best == 0 || best >= trees) {
      return trees;
    }
    notes.add(
        best
            + " of "
            + trees
            + " trees are used: up to best_iteration "
            + wrapper.bestIteration()
            + ".");
    return (int) best;
  }

  // ---- what it answers

  private Rule rule() {
    return wrapper.isClassifier() ? Rule.MOST_PROBABLE : Rule.VALUE;
  }

  private Task task() {
    if (wrapper.isClassifier() || wrapper.isBooster() && objective.classes()) {
      return outputs > 1 ? Task.MULTICLASS_CLASSIFICATION : Task.BINARY_CLASSIFICATION;
    }
    return Task.REGRESSION;
  }

  private Optional<Labels> labels() {
    if (task() == Task.REGRESSION) {
      return Optional.empty();
    }
    if (!objective.classes()) {
      throw LightgbmErrors.unsupported(
          source,
          "a classifier with an objective that gives no probabilities ('"
              + text.header().text("objective").orElse("custom")
              + "')");
    }
    int classes = outputs == 1 ? 2 : outputs;
    Labels labels = wrapper.labels().orElseGet(() -> ClassLabels.numbered(classes));
    if (labels.size() != classes) {
      throw LightgbmErrors.damaged(
          source, "its wrapper has " + labels.size() + " labels for " + classes + " classes");
    }
    return Optional.of(labels);
  }

  private static Set<OutputKind> outputKinds(boolean classes, Wrapper wrapper) {
    Set<OutputKind> kinds = EnumSet.of(OutputKind.PREDICT, OutputKind.RAW_MARGIN);
    if (classes) {
      kinds.add(OutputKind.PREDICT_PROBA);
    }
    if (wrapper.isClassifier() && wrapper.decides()) {
      kinds.add(OutputKind.DECISION_FUNCTION);
    }
    return kinds;
  }
}
