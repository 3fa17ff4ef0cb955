package io.scorebatch.kernel;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Makes scorers of native models: all whose structure is an {@link Estimator}. Thread-safe.
 *
 * <p>A scorer's columns: {@code PREDICT} of a classifier is a label index (a number where the model
 * has no labels), of others a number; a classifier of several outputs has a label index for each.
 * Outputs of several columns are named by the classes where there are as many, else {@code 0},
 * {@code 1} …. Several kinds are answered in one pass. Missing values (NaN, null) mean what they
 * mean to the library that trained the model.
 */
public final class NativeScorerFactory implements ScorerFactory {
  @Override
  public boolean supports(Model model) {
    return model.structure() instanceof Estimator;
  }

  @Override
  public Scorer create(Model model, List<OutputKind> kinds) {
    if (!(model.structure() instanceof Estimator estimator)) {
      throw KernelErrors.foreign(model);
    }
    Predictor predictor = Compiler.predictor(estimator, Columns.of(model.inputs()));
    List<ScoreColumn> outputs = new ArrayList<>();
    for (OutputKind kind : kinds) {
      if (!model.outputKinds().contains(kind) || predictor.width(kind) == 0) {
        throw KernelErrors.kindUnavailable(model, kind, model.outputKinds());
      }
      outputs.addAll(columns(model, predictor, kind));
    }
    return new NativeScorer(
        model.inputs(), kinds, outputs, predictor, FloatInputs.of(estimator, model.inputs()));
  }

  private static List<ScoreColumn> columns(Model model, Predictor predictor, OutputKind kind) {
    Optional<Labels> labels = model.labels();
    int width = predictor.width(kind);
    if (!model.outputLabels().isEmpty()) {
      return columnsOfOutputs(model.outputLabels(), kind, width);
    }
    if (kind == OutputKind.PREDICT
        && labels.isPresent()
        && predictor.classes() == labels.get().size()) {
      return List.of(ScoreColumn.label(kind, labels.get()));
    }
    if (width == 1 && kind != OutputKind.TRANSFORM) {
      return List.of(ScoreColumn.number(kind, kind.configName()));
    }
    boolean byClass =
        kind != OutputKind.PREDICT
            && kind != OutputKind.TRANSFORM
            && labels.map(Labels::size).orElse(0) == width;
    List<ScoreColumn> columns = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      String name = byClass ? labels.orElseThrow().text(i) : String.valueOf(i);
      columns.add(ScoreColumn.number(kind, name));
    }
    return columns;
  }

  /** Labels of each output; probabilities named {@code <output>_<class>} where each has some. */
  private static List<ScoreColumn> columnsOfOutputs(
      List<Labels> outputs, OutputKind kind, int width) {
    List<ScoreColumn> columns = new ArrayList<>();
    if (width == outputs.size()) {
      for (int k = 0; k < width; k++) {
        String name = String.valueOf(k);
        columns.add(
            kind == OutputKind.PREDICT
                ? new ScoreColumn(
                    kind, name, ScoreColumn.Type.LABEL_INDEX, Optional.of(outputs.get(k)))
                : ScoreColumn.number(kind, name));
      }
      return columns;
    }
    for (int k = 0; k < outputs.size(); k++) {
      for (int c = 0; c < outputs.get(k).size(); c++) {
        columns.add(ScoreColumn.number(kind, k + "_" + outputs.get(k).text(c)));
      }
    }
    if (columns.size() != width) {
      throw KernelErrors.columns("The model's " + kind.configName(), columns.size(), width);
    }
    return columns;
  }
}
