package io.scorebatch.client;

import io.scorebatch.api.model.Averaging;
import io.scorebatch.api.model.ClassGroups;
import io.scorebatch.api.model.Constant;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.MultiOutput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.PrincipalComponents;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transformation;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeEnsemble.StartFrom;
import io.scorebatch.api.model.TreeTable;
import java.util.List;
import java.util.Set;

/**
 * How far a number may be from Python's. Nothing, where Python's own answer is one value on every
 * processor; a part in 1e12 where it goes through NumPy's exp, pow and log or through BLAS, which
 * round differently from one processor to the next.
 *
 * @param share the part: of the greatest of 1, Python's value and the row's greatest input; or of
 *     the greatest value of the column
 * @param ofColumn whether it is of the greatest value of the column
 */
record Tolerance(double share, boolean ofColumn) {
  private static final Tolerance NONE = new Tolerance(0, false);
  private static final Tolerance LAST_BITS = new Tolerance(1e-12, false);
  private static final Tolerance FLOAT32 = new Tolerance(1e-5, true);
  private static final Tolerance FLOAT32_START = new Tolerance(1e-5, false);
  private static final Tolerance DENSITY = new Tolerance(1e-9, false);

  /** Gradient boosting that starts from a linear model, which Python computes in float32. */
  private static final Transform TO_FLOAT32 = new Transform.Apply(Transform.Function.FLOAT32);

  /** Links that a library computes with the C library's functions, which are reproduced. */
  private static final Set<Link> ONE_VALUE =
      Set.of(
          Link.IDENTITY,
          Link.SIGNED_SQUARE,
          Link.FLOAT_SIGMOID,
          Link.FLOAT_SOFTMAX,
          Link.FLOAT_EXP,
          Link.HINGE);

  static Tolerance of(Model model, OutputKind kind) {
    if (model.structure() instanceof ForeignModel foreign) {
      return switch (foreign.runtime()) {
        case "onnx" -> FLOAT32;
        // Its exp and that of its Python package differ in the last bit.
        case "catboost" -> kind == OutputKind.RAW_MARGIN ? NONE : LAST_BITS;
        default -> NONE;
      };
    }
    List<ModelParts> parts = ModelParts.of(model.structure()).all();
    if (parts.stream().anyMatch(part -> part.record().equals(TO_FLOAT32))) {
      return FLOAT32_START;
    }
    boolean density =
        kind == OutputKind.SCORE_SAMPLES
            && parts.stream().anyMatch(part -> part.record() instanceof PrincipalComponents);
    if (density) {
      return DENSITY;
    }
    boolean fixed =
        parts.stream().allMatch(part -> isFixed(part.record(), model.origin().library(), kind));
    return fixed ? NONE : LAST_BITS;
  }

  private static boolean isFixed(Object part, String library, OutputKind kind) {
    if (part instanceof TreeEnsemble trees) {
      boolean logarithms = trees.startFrom().filter(StartFrom::logOdds).isPresent();
      return !logarithms && answersOneValue(trees, library, kind);
    }
    if (part instanceof Transform) {
      return !(part instanceof Transform.Normalize
          || part instanceof Transform.Power
          || part instanceof Transform.Quantile
          || part instanceof Transform.Apply
          || part instanceof Transform.Project
          || part instanceof Transform.Tfidf);
    }
    return part instanceof TreeTable
        || part instanceof Averaging
        || part instanceof ClassGroups
        || part instanceof Constant
        || part instanceof MultiOutput
        || part instanceof Pipeline
        || part instanceof Transformation
        || !(part instanceof Estimator);
  }

  private static boolean answersOneValue(TreeEnsemble trees, String library, OutputKind kind) {
    return ONE_VALUE.contains(trees.response().link())
        || library.equals("lightgbm")
        || kind == OutputKind.RAW_MARGIN
        || kind == OutputKind.DECISION_FUNCTION;
  }
}
