package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import java.util.Optional;

/** Models of other libraries as parts of scikit-learn objects. */
final class Foreign {
  private Foreign() {}

  static Fitted fitted(Model model) {
    if (!(model.structure() instanceof Estimator estimator)) {
      throw SklearnErrors.notAnEstimator(model.origin().className());
    }
    Columns columns =
        new Columns(
            model.inputs().stream().map(ModelInput::text).toList(),
            model.namesKnown()
                ? Optional.of(model.inputs().stream().map(ModelInput::name).toList())
                : Optional.empty());
    return new Fitted(
        columns,
        model.task(),
        model.labels(),
        model.outputLabels(),
        model.outputKinds(),
        estimator);
  }
}
