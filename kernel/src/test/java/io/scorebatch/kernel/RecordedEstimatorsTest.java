package io.scorebatch.kernel;

import static io.scorebatch.api.model.OutputKind.DECISION_FUNCTION;
import static io.scorebatch.api.model.OutputKind.PREDICT;
import static io.scorebatch.api.model.OutputKind.PREDICT_PROBA;
import static io.scorebatch.api.model.OutputKind.SCORE_SAMPLES;
import static io.scorebatch.api.model.OutputKind.TRANSFORM;

import io.scorebatch.api.model.AdaBoost;
import io.scorebatch.api.model.Averaging;
import io.scorebatch.api.model.Calibrated;
import io.scorebatch.api.model.CategoryRule;
import io.scorebatch.api.model.CategorySets;
import io.scorebatch.api.model.ClusterCentres;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.GaussianNaiveBayes;
import io.scorebatch.api.model.IsolationForest;
import io.scorebatch.api.model.LinearModel;
import io.scorebatch.api.model.Link;
import io.scorebatch.api.model.LocalOutlierFactor;
import io.scorebatch.api.model.MahalanobisOutlier;
import io.scorebatch.api.model.NearestNeighbours;
import io.scorebatch.api.model.Neighbours;
import io.scorebatch.api.model.NeuralNetwork;
import io.scorebatch.api.model.Response;
import io.scorebatch.api.model.Response.Rule;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.SupportVectorMachine;
import io.scorebatch.api.model.SupportVectorMachine.Kernel;
import io.scorebatch.api.model.SupportVectorMachine.Machine;
import io.scorebatch.api.model.SupportVectorMachine.Shape;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeEnsemble.Precision;
import io.scorebatch.api.model.TreeEnsemble.StartFrom;
import io.scorebatch.api.model.TreeTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Small scikit-learn models against what Python answered. */
class RecordedEstimatorsTest {
  /** Sums of products: BLAS adds in another order. */
  private static final double BLAS = 1e-12;

  private static final double EXACT = 0;

  private static TreeTable trees(Recorded recorded, int width) {
    return trees(recorded, "", width);
  }

  private static TreeTable trees(Recorded recorded, String prefix, int width) {
    double[] missing = recorded.get(prefix + "missing");
    byte[] rules = new byte[missing.length];
    for (int i = 0; i < rules.length; i++) {
      rules[i] = (byte) missing[i];
    }
    return new TreeTable(
        4,
        recorded.ints(prefix + "roots"),
        recorded.ints(prefix + "left"),
        recorded.ints(prefix + "right"),
        recorded.ints(prefix + "feature"),
        recorded.get(prefix + "threshold"),
        rules,
        new int[0],
        CategorySets.NONE,
        new int[0],
        width,
        recorded.get(prefix + "values"));
  }

  private static TreeEnsemble boosting(
      Recorded recorded, double[] start, Optional<StartFrom> from, Response response) {
    TreeTable trees = trees(recorded, 1);
    int[] outputOfTree = new int[trees.trees()];
    for (int t = 0; t < outputOfTree.length; t++) {
      outputOfTree[t] = t % start.length;
    }
    return new TreeEnsemble(
        trees,
        SplitRule.FLOAT_AT_MOST,
        CategoryRule.XGBOOST,
        start.length,
        outputOfTree,
        Precision.DOUBLE,
        start,
        from,
        Optional.empty(),
        1,
        false,
        response);
  }

  private static TreeEnsemble forest(Recorded recorded, String prefix) {
    TreeTable trees = trees(recorded, prefix, 3);
    return TreeEnsemble.of(
        trees,
        SplitRule.FLOAT_AT_MOST,
        CategoryRule.XGBOOST,
        new int[0],
        Precision.DOUBLE,
        new double[3],
        trees.trees(),
        Response.classes(Link.IDENTITY, Rule.MOST_PROBABLE));
  }

  @Test
  void randomForest() {
    Recorded recorded = new Recorded("forest");
    recorded.isAnsweredBy(forest(recorded, ""), EXACT, PREDICT, PREDICT_PROBA);
  }

  @Test
  void gradientBoosting() {
    Recorded regression = new Recorded("boosting-regression");
    Response value = Response.value(Link.IDENTITY);
    regression.isAnsweredBy(
        boosting(regression, regression.get("start"), Optional.empty(), value), EXACT, PREDICT);
    Recorded binary = new Recorded("boosting-binary");
    Response expit = Response.classes(Link.SIGMOID, Rule.RAW_AT_LEAST_ZERO);
    binary.isAnsweredBy(
        boosting(binary, binary.get("start"), Optional.empty(), expit),
        EXACT,
        PREDICT,
        DECISION_FUNCTION,
        PREDICT_PROBA);
    Recorded multiclass = new Recorded("boosting-multiclass");
    Response softmax = Response.classes(Link.SOFTMAX_PAIRWISE, Rule.GREATEST_RAW);
    multiclass.isAnsweredBy(
        boosting(multiclass, multiclass.get("start"), Optional.empty(), softmax),
        EXACT,
        PREDICT,
        DECISION_FUNCTION,
        PREDICT_PROBA);
  }

  @Test
  void gradientBoostingStartsFromAnotherEstimator() {
    Recorded recorded = new Recorded("boosting-init");
    StartFrom forest = new StartFrom(forest(recorded, "init."), true, 0x1p-23, true);
    Response softmax = Response.classes(Link.SOFTMAX_PAIRWISE, Rule.GREATEST_RAW);
    TreeEnsemble model = boosting(recorded, new double[3], Optional.of(forest), softmax);
    recorded.isAnsweredBy(model, EXACT, PREDICT);
    recorded.isAnsweredBy(model, 1e-14, DECISION_FUNCTION, PREDICT_PROBA);
  }

  @Test
  void isolationForest() {
    Recorded recorded = new Recorded("isolation-forest");
    long[] samples = Arrays.stream(recorded.get("samples")).mapToLong(x -> (long) x).toArray();
    recorded.isAnsweredBy(
        IsolationForest.of(
            trees(recorded, 1), samples, (long) recorded.one("maxSamples"), recorded.one("offset")),
        EXACT,
        PREDICT,
        DECISION_FUNCTION,
        SCORE_SAMPLES);
  }

  private static List<Estimator> members(Recorded recorded, int width, Response response) {
    TreeTable all = trees(recorded, width);
    List<Estimator> members = new ArrayList<>();
    for (int root : all.roots()) {
      TreeTable one =
          new TreeTable(
              4,
              new int[] {root},
              all.left(),
              all.right(),
              all.feature(),
              all.threshold(),
              all.missing(),
              new int[0],
              CategorySets.NONE,
              new int[0],
              width,
              all.values());
      members.add(
          TreeEnsemble.of(
              one,
              SplitRule.FLOAT_AT_MOST,
              CategoryRule.XGBOOST,
              new int[0],
              Precision.DOUBLE,
              new double[width],
              1,
              response));
    }
    return members;
  }

  @Test
  void adaBoost() {
    Response votes = Response.classes(Link.IDENTITY, Rule.MOST_PROBABLE);
    Recorded binary = new Recorded("adaboost-binary");
    binary.isAnsweredBy(
        new AdaBoost(members(binary, 2, votes), binary.get("weights"), AdaBoost.Variant.SAMME, 2),
        EXACT,
        PREDICT,
        DECISION_FUNCTION,
        PREDICT_PROBA);
    Recorded multiclass = new Recorded("adaboost-multiclass");
    multiclass.isAnsweredBy(
        new AdaBoost(
            members(multiclass, 3, votes), multiclass.get("weights"), AdaBoost.Variant.SAMME, 3),
        EXACT,
        PREDICT,
        DECISION_FUNCTION,
        PREDICT_PROBA);
    Recorded regression = new Recorded("adaboost-regression");
    regression.isAnsweredBy(
        new AdaBoost(
            members(regression, 1, Response.value(Link.IDENTITY)),
            regression.get("weights"),
            AdaBoost.Variant.REGRESSION,
            0),
        EXACT,
        PREDICT);
  }

  private static LinearModel linear(Recorded recorded, String suffix, Response response) {
    return new LinearModel(
        4, recorded.get("coefficients" + suffix), recorded.get("intercepts" + suffix), response);
  }

  @Test
  void linearClassifiers() {
    Recorded binary = new Recorded("logistic-binary");
    binary.isAnsweredBy(
        linear(binary, "", Response.classes(Link.SIGMOID, Rule.RAW_ABOVE_ZERO)),
        BLAS,
        DECISION_FUNCTION,
        PREDICT_PROBA);
    binary.isAnsweredBy(
        linear(binary, "", Response.classes(Link.SIGMOID, Rule.RAW_ABOVE_ZERO)), EXACT, PREDICT);
    for (String name : List.of("logistic-multiclass", "sgd-modified-huber", "sgd-log")) {
      Link link =
          switch (name) {
            case "logistic-multiclass" -> Link.SOFTMAX_PAIRWISE;
            case "sgd-log" -> Link.SIGMOID_NORMALISED;
            default -> Link.MODIFIED_HUBER;
          };
      Recorded recorded = new Recorded(name);
      LinearModel model = linear(recorded, "", Response.classes(link, Rule.GREATEST_RAW));
      recorded.isAnsweredBy(model, BLAS, DECISION_FUNCTION, PREDICT_PROBA);
      recorded.isAnsweredBy(model, EXACT, PREDICT);
    }
  }

  private static SupportVectorMachine machine(
      Recorded recorded, Machine machine, Kernel kernel, Shape shape, boolean ties) {
    return new SupportVectorMachine(
        machine,
        kernel,
        recorded.one("gamma"),
        3,
        kernel == Kernel.POLY ? 1 : 0,
        4,
        recorded.get("vectors"),
        machine == Machine.CLASSIFIER
            ? recorded.ints("counts")
            : new int[] {recorded.ints("counts")[0]},
        recorded.get("dual"),
        recorded.get("intercepts"),
        shape,
        ties,
        machine == Machine.CLASSIFIER ? recorded.get("probA") : new double[0],
        machine == Machine.CLASSIFIER ? recorded.get("probB") : new double[0]);
  }

  @Test
  void supportVectorMachines() {
    for (String name : List.of("svc-binary", "svc-multiclass")) {
      Recorded recorded = new Recorded(name);
      SupportVectorMachine svc =
          machine(recorded, Machine.CLASSIFIER, Kernel.RBF, Shape.ONE_VS_REST, false);
      recorded.isAnsweredBy(svc, BLAS, PREDICT, DECISION_FUNCTION);
      recorded.isAnsweredBy(svc, 1e-10, PREDICT_PROBA);
    }
    Recorded pairs = new Recorded("svc-pairs");
    pairs.isAnsweredBy(
        machine(pairs, Machine.CLASSIFIER, Kernel.POLY, Shape.ONE_VS_ONE, false),
        BLAS,
        PREDICT,
        DECISION_FUNCTION);
    Recorded ties = new Recorded("svc-ties");
    ties.isAnsweredBy(
        machine(ties, Machine.CLASSIFIER, Kernel.SIGMOID, Shape.ONE_VS_REST, true),
        BLAS,
        PREDICT,
        DECISION_FUNCTION);
    Recorded svr = new Recorded("svr");
    svr.isAnsweredBy(
        machine(svr, Machine.REGRESSOR, Kernel.LINEAR, Shape.ONE_VS_REST, false), BLAS, PREDICT);
    Recorded oneClass = new Recorded("one-class-svm");
    oneClass.isAnsweredBy(
        machine(oneClass, Machine.ONE_CLASS, Kernel.RBF, Shape.ONE_VS_REST, false),
        BLAS,
        PREDICT,
        DECISION_FUNCTION,
        SCORE_SAMPLES);
  }

  @Test
  void gaussianNaiveBayes() {
    Recorded recorded = new Recorded("gaussian-nb");
    recorded.isAnsweredBy(
        new GaussianNaiveBayes(
            4, recorded.get("means"), recorded.get("variances"), recorded.get("logPriors")),
        BLAS,
        PREDICT,
        PREDICT_PROBA);
  }

  @Test
  void neighbours() {
    for (String name :
        List.of(
            "neighbours-uniform",
            "neighbours-distance",
            "neighbours-manhattan",
            "neighbours-minkowski")) {
      Recorded recorded = new Recorded(name);
      Neighbours.Metric metric =
          switch (name) {
            case "neighbours-manhattan" -> Neighbours.Metric.MANHATTAN;
            case "neighbours-minkowski" -> Neighbours.Metric.MINKOWSKI;
            default -> Neighbours.Metric.EUCLIDEAN;
          };
      boolean few = metric != Neighbours.Metric.EUCLIDEAN;
      Neighbours points = new Neighbours(4, recorded.get("points"), metric, 3, few ? 3 : 4);
      recorded.isAnsweredBy(
          new NearestNeighbours(points, name.endsWith("distance"), 3, 1, recorded.get("targets")),
          BLAS,
          PREDICT,
          PREDICT_PROBA);
    }
    for (String name : List.of("neighbours-mean", "neighbours-weighted-mean")) {
      Recorded recorded = new Recorded(name);
      Neighbours points =
          new Neighbours(4, recorded.get("points"), Neighbours.Metric.EUCLIDEAN, 2, 4);
      recorded.isAnsweredBy(
          new NearestNeighbours(points, name.contains("weighted"), 0, 1, recorded.get("targets")),
          BLAS,
          PREDICT);
    }
  }

  @Test
  void localOutlierFactor() {
    Recorded recorded = new Recorded("local-outlier-factor");
    recorded.isAnsweredBy(
        new LocalOutlierFactor(
            new Neighbours(4, recorded.get("points"), Neighbours.Metric.EUCLIDEAN, 2, 6),
            recorded.get("kDistances"),
            recorded.get("densities"),
            recorded.one("offset")),
        BLAS,
        PREDICT,
        DECISION_FUNCTION,
        SCORE_SAMPLES);
  }

  @Test
  void ellipticEnvelope() {
    Recorded recorded = new Recorded("elliptic-envelope");
    recorded.isAnsweredBy(
        new MahalanobisOutlier(
            recorded.get("location"), recorded.get("precision"), recorded.one("offset")),
        BLAS,
        PREDICT,
        DECISION_FUNCTION,
        SCORE_SAMPLES);
  }

  @Test
  void kMeans() {
    Recorded recorded = new Recorded("kmeans");
    recorded.isAnsweredBy(new ClusterCentres(4, recorded.get("centres")), BLAS, PREDICT, TRANSFORM);
  }

  @Test
  void neuralNetworks() {
    network(
        "network-binary",
        NeuralNetwork.Activation.RELU,
        Response.classes(Link.SIGMOID, Rule.PROBABILITY_ABOVE_HALF));
    network(
        "network-multiclass",
        NeuralNetwork.Activation.TANH,
        Response.classes(Link.SOFTMAX_PAIRWISE, Rule.MOST_PROBABLE));
    network("network-regression", NeuralNetwork.Activation.LOGISTIC, Response.value(Link.IDENTITY));
  }

  private static void network(String name, NeuralNetwork.Activation activation, Response response) {
    Recorded recorded = new Recorded(name);
    List<NeuralNetwork.Layer> layers = new ArrayList<>();
    int inputs = 4;
    for (int i = 0; i < 3; i++) {
      double[] bias = recorded.get("bias" + i);
      layers.add(new NeuralNetwork.Layer(inputs, bias.length, recorded.get("weights" + i), bias));
      inputs = bias.length;
    }
    NeuralNetwork model = new NeuralNetwork(layers, activation, response);
    recorded.isAnsweredBy(model, BLAS, PREDICT);
    if (response.rule() != Rule.VALUE) {
      recorded.isAnsweredBy(model, BLAS, PREDICT_PROBA);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"sigmoid-binary", "sigmoid-multiclass", "isotonic-binary", "isotonic-multiclass"})
  void calibratedClassifiers(String name) {
    Recorded recorded = new Recorded("calibrated-" + name);
    boolean binary = name.endsWith("binary");
    int calibratorCount = binary ? 1 : 3;
    List<Calibrated.Fold> folds = new ArrayList<>();
    for (int f = 0; f < recorded.ints("folds")[0]; f++) {
      List<Calibrated.Calibrator> calibrators = new ArrayList<>();
      for (int c = 0; c < calibratorCount; c++) {
        String suffix = f + "." + c;
        if (name.startsWith("sigmoid")) {
          double[] ab = recorded.get("sigmoid" + suffix);
          calibrators.add(new Calibrated.Sigmoid(ab[0], ab[1]));
        } else {
          double[] range = recorded.get("range" + suffix);
          calibrators.add(
              new Calibrated.Isotonic(
                  range[0], range[1], recorded.get("x" + suffix), recorded.get("y" + suffix)));
        }
      }
      Response response =
          binary
              ? Response.classes(Link.SIGMOID, Rule.RAW_ABOVE_ZERO)
              : Response.classes(Link.SOFTMAX_PAIRWISE, Rule.GREATEST_RAW);
      folds.add(
          new Calibrated.Fold(
              linear(recorded, String.valueOf(f), response),
              DECISION_FUNCTION,
              binary ? new int[0] : new int[] {0, 1, 2},
              calibrators));
    }
    Calibrated model = new Calibrated(folds, binary ? 2 : 3);
    recorded.isAnsweredBy(model, BLAS, PREDICT, PREDICT_PROBA);
  }

  @Test
  void votingClassifiers() {
    for (String name : List.of("voting-soft", "voting-hard")) {
      Recorded recorded = new Recorded(name);
      List<Averaging.Member> members = new ArrayList<>();
      for (String suffix : List.of("0", "1")) {
        Response response = Response.classes(Link.SOFTMAX_PAIRWISE, Rule.GREATEST_RAW);
        members.add(new Averaging.Member(linear(recorded, suffix, response), new int[0]));
      }
      boolean soft = name.endsWith("soft");
      Averaging model =
          new Averaging(
              members,
              recorded.get("weights"),
              soft ? Averaging.Mode.PROBABILITIES : Averaging.Mode.HARD_VOTES,
              3);
      recorded.isAnsweredBy(model, BLAS, PREDICT);
      if (soft) {
        recorded.isAnsweredBy(model, BLAS, PREDICT_PROBA);
      }
    }
  }
}
