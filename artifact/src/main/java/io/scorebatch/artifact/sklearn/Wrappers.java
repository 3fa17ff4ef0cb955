package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transformation;
import io.scorebatch.api.model.TransformedTarget;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Pipeline, searches for parameters, TransformedTargetRegressor: one estimator with something
 * around.
 */
final class Wrappers {
  private Wrappers() {}

  // Pipeline

  static Fitted pipeline(PyObject pipeline, Parts parts) {
    List<Object> objects = steps(pipeline);
    for (Object object : objects) {
      if (object instanceof PyObject step) {
        parts.requireKnown(step);
      }
    }
    Object last = objects.get(objects.size() - 1);
    if (!(last instanceof PyObject model && parts.isEstimator(model))) {
      return transformer(transforms(pipeline, objects, parts));
    }
    FittedTransform before = transforms(pipeline, objects.subList(0, objects.size() - 1), parts);
    Fitted fitted = parts.estimator(model);
    if (before == null) {
      return fitted;
    }
    requireWidth(pipeline, before.width(), fitted.columns().count());
    return fitted.with(before.columns(), Steps.before(before.steps(), fitted.estimator()));
  }

  /** A pipeline used as a transformer. */
  static FittedTransform pipelineTransform(PyObject pipeline, Parts parts) {
    FittedTransform fitted = transforms(pipeline, steps(pipeline), parts);
    if (fitted == null) {
      throw SklearnErrors.unsupported(pipeline, "has no step that does anything");
    }
    return fitted;
  }

  /** A transformer as a model of its own. */
  static Fitted transformer(@Nullable FittedTransform fitted) {
    if (fitted == null) {
      throw SklearnErrors.notAnEstimator("a pipeline of no steps");
    }
    return new Fitted(
        fitted.columns(),
        Task.TRANSFORMATION,
        Optional.empty(),
        Set.of(OutputKind.TRANSFORM),
        new Transformation(fitted.steps()));
  }

  private static List<Object> steps(PyObject pipeline) {
    List<Object> objects = new ArrayList<>();
    for (Object step : pipeline.sequence("steps").items()) {
      if (!(step instanceof PySequence pair) || pair.size() != 2) {
        throw SklearnErrors.damaged(pipeline, "has " + step + " for a step");
      }
      objects.add(pair.item(1));
    }
    if (objects.isEmpty()) {
      throw SklearnErrors.damaged(pipeline, "has no steps");
    }
    return objects;
  }

  /** The steps in a row; null where none does anything. */
  private static @Nullable FittedTransform transforms(
      PyObject pipeline, List<Object> objects, Parts parts) {
    FittedTransform all = null;
    for (Object object : objects) {
      if (object == PyNone.NONE || object.equals("passthrough")) {
        continue;
      }
      FittedTransform next = parts.transform(object);
      if (all == null) {
        all = next;
        continue;
      }
      requireWidth(pipeline, all.width(), next.columns().count());
      List<Transform> steps = new ArrayList<>(all.steps());
      steps.addAll(next.steps());
      all = new FittedTransform(all.columns(), next.width(), steps);
    }
    return all;
  }

  private static void requireWidth(PyObject pipeline, int written, int read) {
    if (written != read) {
      throw SklearnErrors.damaged(
          pipeline, "has a step that reads " + read + " of " + written + " columns");
    }
  }

  // GridSearchCV and its kin

  static Fitted search(PyObject search, Parts parts) {
    if (!search.has("best_estimator_")) {
      throw SklearnErrors.unsupported(search, "was not refitted on the best parameters");
    }
    return parts.estimator(search.object("best_estimator_"));
  }

  // TransformedTargetRegressor

  static Fitted transformedTarget(PyObject model, Parts parts) {
    Fitted inner = parts.estimator(model.object("regressor_"));
    Estimator estimator =
        new TransformedTarget(
            inner.estimator(), InverseTransforms.of(model.object("transformer_")));
    return Fitted.regressor(inner.columns(), estimator);
  }
}
