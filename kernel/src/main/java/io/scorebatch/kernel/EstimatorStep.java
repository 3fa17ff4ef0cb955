package io.scorebatch.kernel;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Transform.EstimatorOutput;

/** {@link EstimatorOutput}. */
final class EstimatorStep implements Step {
  private final Predictor predictor;
  private final OutputKind kind;
  private final int[] columns;
  private final Columns out;

  EstimatorStep(EstimatorOutput transform, Predictor predictor) {
    this.predictor = predictor;
    this.kind = transform.kind();
    int width = predictor.width(kind);
    this.columns =
        transform.columns().length > 0
            ? transform.columns()
            : java.util.stream.IntStream.range(0, width).toArray();
    for (int column : columns) {
      if (column < 0 || column >= width) {
        throw KernelErrors.columnOutside("A stacking step", column, width);
      }
    }
    this.out = Columns.computed(columns.length);
  }

  @Override
  public Columns out() {
    return out;
  }

  @Override
  public Frame apply(Frame in) {
    double[][] answers = predictor.ask(in, kind);
    double[][] kept = new double[columns.length][];
    for (int i = 0; i < kept.length; i++) {
      kept[i] = answers[columns[i]];
    }
    return in.with(kept);
  }
}
