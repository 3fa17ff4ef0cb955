package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.NeuralNetwork;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.model.ClassLabels;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** MLPClassifier and MLPRegressor. */
final class NeuralNetworks {
  private static final Set<String> ACTIVATIONS = Set.of("identity", "logistic", "tanh", "relu");

  private NeuralNetworks() {}

  static Fitted classifier(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    if (LabelBinarizers.hasSeveralLabels(model)) {
      int outputs = model.count("n_outputs_", 1, Integer.MAX_VALUE);
      requireActivation(model, "logistic");
      Response flags = Response.classes(Link.SIGMOID, Rule.PROBABILITY_ABOVE_HALF);
      return Fitted.classifierOfOutputs(
          columns,
          ClassLabels.flags(outputs),
          Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA),
          Steps.checked(Accept.FINITE, network(model, columns, flags, outputs)));
    }
    Labels labels = LabelArray.of(model);
    boolean binary = labels.size() == 2;
    requireActivation(model, binary ? "logistic" : "softmax");
    Response response =
        binary
            ? Response.classes(Link.SIGMOID, Rule.PROBABILITY_ABOVE_HALF)
            : Response.classes(Link.SOFTMAX_PAIRWISE, Rule.MOST_PROBABLE);
    Estimator network = network(model, columns, response, binary ? 1 : labels.size());
    return Fitted.classifier(
        columns,
        labels,
        Set.of(OutputKind.PREDICT, OutputKind.PREDICT_PROBA),
        Steps.checked(Accept.FINITE, network));
  }

  static Fitted regressor(PyObject model, Parts parts) {
    Columns columns = Columns.numbersOf(model);
    requireActivation(model, "identity");
    int outputs = model.count("n_outputs_", 1, Integer.MAX_VALUE);
    Estimator network = network(model, columns, Response.value(Link.IDENTITY), outputs);
    return Fitted.regressor(columns, Steps.checked(Accept.FINITE, network));
  }

  private static void requireActivation(PyObject model, String expected) {
    String activation = model.text("out_activation_");
    if (!activation.equals(expected)) {
      throw SklearnErrors.setting(model, "out_activation_", activation);
    }
  }

  private static Estimator network(
      PyObject model, Columns columns, Response response, int outputs) {
    String activation = model.text("activation");
    if (!ACTIVATIONS.contains(activation)) {
      throw SklearnErrors.setting(model, "activation", activation);
    }
    List<NdArray> weights = Members.arrays(model, "coefs_");
    List<NdArray> biases = Members.arrays(model, "intercepts_");
    if (weights.isEmpty() || weights.size() != biases.size()) {
      throw SklearnErrors.damaged(model, "has " + weights.size() + " layers");
    }
    List<NeuralNetwork.Layer> layers = new ArrayList<>();
    int inputs = columns.count();
    for (int i = 0; i < weights.size(); i++) {
      NdArray layer = weights.get(i);
      if (layer.rank() != 2 || layer.extent(0) != inputs) {
        throw SklearnErrors.damaged(model, "has a layer of shape " + layer);
      }
      layers.add(
          new NeuralNetwork.Layer(
              inputs, layer.extent(1), layer.doubles(), biases.get(i).doubles()));
      inputs = layer.extent(1);
    }
    if (inputs != outputs) {
      throw SklearnErrors.damaged(model, "ends in " + inputs + " outputs");
    }
    return new NeuralNetwork(
        layers, NeuralNetwork.Activation.valueOf(activation.toUpperCase(Locale.ROOT)), response);
  }
}
