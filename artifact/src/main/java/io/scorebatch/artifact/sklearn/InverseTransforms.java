package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Transform;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.List;

/** The {@code inverse_transform} of the transformers a target is transformed with. */
final class InverseTransforms {
  private static final double[] NONE = new double[0];

  private InverseTransforms() {}

  static List<Transform> of(PyObject transformer) {
    switch (transformer.simpleName()) {
      case "FunctionTransformer":
        return Functions.steps(transformer, "inverse_func", "inv_kw_args");
      case "StandardScaler":
        return scaleShift(
            transformer.flag("with_std") ? transformer.array("scale_").doubles() : NONE,
            transformer.flag("with_mean") ? transformer.array("mean_").doubles() : NONE);
      case "RobustScaler":
        return scaleShift(
            transformer.flag("with_scaling") ? transformer.array("scale_").doubles() : NONE,
            transformer.flag("with_centering") ? transformer.array("center_").doubles() : NONE);
      case "MaxAbsScaler":
        return scaleShift(transformer.array("scale_").doubles(), NONE);
      case "MinMaxScaler":
        return List.of(
            new Transform.Standardize(
                transformer.array("min_").doubles(), transformer.array("scale_").doubles()));
      default:
        throw SklearnErrors.unsupported(transformer, "transforms the target");
    }
  }

  private static List<Transform> scaleShift(double[] scale, double[] shift) {
    return List.of(
        new Transform.ScaleShift(scale, shift, Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY));
  }
}
