package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Model;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** All classes that are scored natively, by fully qualified name. Immutable and thread-safe. */
final class Families {
  private final Map<String, EstimatorTranslator> estimators = new HashMap<>();
  private final Map<String, TransformTranslator> transformers = new HashMap<>();

  /**
   * @param others translators of other libraries' estimators inside scikit-learn objects, by fully
   *     qualified class name
   */
  Families(Map<String, Function<PyObject, Model>> others) {
    addTrees();
    addModels();
    addEnsembles();
    addTransformers();
    others.forEach(
        (name, translator) ->
            estimators.put(name, (object, parts) -> Foreign.fitted(translator.apply(object))));
  }

  @Nullable EstimatorTranslator estimator(String className) {
    return estimators.get(className);
  }

  @Nullable TransformTranslator transformer(String className) {
    return transformers.get(className);
  }

  /** Names of all classes that can be scored or used as a step. */
  Set<String> names() {
    Set<String> names = new java.util.TreeSet<>(estimators.keySet());
    names.addAll(transformers.keySet());
    return names;
  }

  private void addTrees() {
    estimators(
        "sklearn.tree._classes",
        List.of("DecisionTreeClassifier", "ExtraTreeClassifier"),
        DecisionTrees::classifier);
    estimators(
        "sklearn.tree._classes",
        List.of("DecisionTreeRegressor", "ExtraTreeRegressor"),
        DecisionTrees::regressor);
    estimators(
        "sklearn.ensemble._forest",
        List.of("RandomForestClassifier", "ExtraTreesClassifier"),
        DecisionTrees::forestClassifier);
    estimators(
        "sklearn.ensemble._forest",
        List.of("RandomForestRegressor", "ExtraTreesRegressor"),
        DecisionTrees::forestRegressor);
    estimators(
        "sklearn.ensemble._iforest", List.of("IsolationForest"), IsolationForests::translate);
    estimators(
        "sklearn.ensemble._gb",
        List.of("GradientBoostingClassifier"),
        GradientBoosting::classifier);
    estimators(
        "sklearn.ensemble._gb", List.of("GradientBoostingRegressor"), GradientBoosting::regressor);
    String hist = "sklearn.ensemble._hist_gradient_boosting.gradient_boosting";
    estimators(hist, List.of("HistGradientBoostingClassifier"), HistGradientBoosting::classifier);
    estimators(hist, List.of("HistGradientBoostingRegressor"), HistGradientBoosting::regressor);
  }

  private void addModels() {
    estimators("sklearn.linear_model._base", List.of("LinearRegression"), LinearModels::regressor);
    estimators("sklearn.linear_model._ridge", List.of("Ridge", "RidgeCV"), LinearModels::regressor);
    estimators(
        "sklearn.linear_model._ridge",
        List.of("RidgeClassifier", "RidgeClassifierCV"),
        LinearModels::ridgeClassifier);
    estimators(
        "sklearn.linear_model._coordinate_descent",
        List.of("Lasso", "LassoCV", "ElasticNet", "ElasticNetCV"),
        LinearModels::regressor);
    estimators("sklearn.linear_model._huber", List.of("HuberRegressor"), LinearModels::regressor);
    estimators(
        "sklearn.linear_model._stochastic_gradient",
        List.of("SGDRegressor"),
        LinearModels::regressor);
    estimators(
        "sklearn.linear_model._stochastic_gradient",
        List.of("SGDClassifier"),
        LinearModels::stochasticGradient);
    estimators(
        "sklearn.linear_model._logistic",
        List.of("LogisticRegression", "LogisticRegressionCV"),
        LinearModels::logistic);
    estimators(
        "sklearn.linear_model._glm.glm",
        List.of("PoissonRegressor", "GammaRegressor"),
        LinearModels::logLinkRegressor);
    estimators("sklearn.linear_model._glm.glm", List.of("TweedieRegressor"), LinearModels::tweedie);
    estimators("sklearn.svm._classes", List.of("LinearSVC"), LinearModels::classifier);
    estimators("sklearn.svm._classes", List.of("LinearSVR"), LinearModels::regressor);
    estimators("sklearn.svm._classes", List.of("SVC", "NuSVC"), SupportVectors::classifier);
    estimators("sklearn.svm._classes", List.of("SVR", "NuSVR"), SupportVectors::regressor);
    estimators("sklearn.svm._classes", List.of("OneClassSVM"), SupportVectors::oneClass);
    estimators("sklearn.naive_bayes", List.of("GaussianNB"), NaiveBayes::gaussian);
    estimators("sklearn.naive_bayes", List.of("MultinomialNB"), NaiveBayes::multinomial);
    estimators("sklearn.naive_bayes", List.of("ComplementNB"), NaiveBayes::complement);
    estimators("sklearn.naive_bayes", List.of("BernoulliNB"), NaiveBayes::bernoulli);
    estimators(
        "sklearn.neighbors._classification",
        List.of("KNeighborsClassifier"),
        NeighbourModels::classifier);
    estimators(
        "sklearn.neighbors._regression",
        List.of("KNeighborsRegressor"),
        NeighbourModels::regressor);
    estimators(
        "sklearn.neighbors._lof",
        List.of("LocalOutlierFactor"),
        NeighbourModels::localOutlierFactor);
    estimators(
        "sklearn.neural_network._multilayer_perceptron",
        List.of("MLPClassifier"),
        NeuralNetworks::classifier);
    estimators(
        "sklearn.neural_network._multilayer_perceptron",
        List.of("MLPRegressor"),
        NeuralNetworks::regressor);
    estimators(
        "sklearn.cluster._kmeans", List.of("KMeans", "MiniBatchKMeans"), SimpleModels::clusters);
    estimators(
        "sklearn.covariance._elliptic_envelope",
        List.of("EllipticEnvelope"),
        SimpleModels::ellipticEnvelope);
    estimators("sklearn.decomposition._pca", List.of("PCA"), Projections::density);
    estimators("sklearn.dummy", List.of("DummyRegressor"), SimpleModels::dummyRegressor);
    estimators("sklearn.dummy", List.of("DummyClassifier"), SimpleModels::dummyClassifier);
  }

  private void addEnsembles() {
    estimators(
        "sklearn.ensemble._bagging", List.of("BaggingClassifier"), Ensembles::baggingClassifier);
    estimators(
        "sklearn.ensemble._bagging", List.of("BaggingRegressor"), Ensembles::baggingRegressor);
    estimators(
        "sklearn.ensemble._voting", List.of("VotingClassifier"), Ensembles::votingClassifier);
    estimators("sklearn.ensemble._voting", List.of("VotingRegressor"), Ensembles::votingRegressor);
    estimators(
        "sklearn.ensemble._stacking", List.of("StackingClassifier"), Ensembles::stackingClassifier);
    estimators(
        "sklearn.ensemble._stacking", List.of("StackingRegressor"), Ensembles::stackingRegressor);
    estimators(
        "sklearn.ensemble._weight_boosting",
        List.of("AdaBoostClassifier"),
        Ensembles::adaBoostClassifier);
    estimators(
        "sklearn.ensemble._weight_boosting",
        List.of("AdaBoostRegressor"),
        Ensembles::adaBoostRegressor);
    estimators(
        "sklearn.calibration", List.of("CalibratedClassifierCV"), CalibratedModels::translate);
    String outputs = "sklearn.multioutput";
    estimators(outputs, List.of("MultiOutputClassifier"), MultiOutputs::classifier);
    estimators(outputs, List.of("MultiOutputRegressor"), MultiOutputs::regressor);
    estimators(outputs, List.of("ClassifierChain"), MultiOutputs::classifierChain);
    estimators(outputs, List.of("RegressorChain"), MultiOutputs::regressorChain);
    estimators("sklearn.pipeline", List.of("Pipeline"), Wrappers::pipeline);
    estimators(
        "sklearn.model_selection._search",
        List.of("GridSearchCV", "RandomizedSearchCV"),
        Wrappers::search);
    estimators(
        "sklearn.model_selection._search_successive_halving",
        List.of("HalvingGridSearchCV", "HalvingRandomSearchCV"),
        Wrappers::search);
    estimators(
        "sklearn.compose._target",
        List.of("TransformedTargetRegressor"),
        Wrappers::transformedTarget);
  }

  private void addTransformers() {
    String data = "sklearn.preprocessing._data";
    transformers(data, "StandardScaler", Scalers::standard);
    transformers(data, "RobustScaler", Scalers::robust);
    transformers(data, "MinMaxScaler", Scalers::minMax);
    transformers(data, "MaxAbsScaler", Scalers::maxAbs);
    transformers(data, "Normalizer", Scalers::normalizer);
    transformers(data, "Binarizer", Scalers::binarizer);
    transformers(data, "PowerTransformer", Scalers::power);
    transformers(data, "QuantileTransformer", Scalers::quantile);
    transformers("sklearn.preprocessing._discretization", "KBinsDiscretizer", Scalers::bins);
    transformers("sklearn.preprocessing._encoders", "OneHotEncoder", Encoders::oneHot);
    transformers("sklearn.preprocessing._encoders", "OrdinalEncoder", Encoders::ordinal);
    transformers("sklearn.preprocessing._target_encoder", "TargetEncoder", Encoders::target);
    transformers(
        "sklearn.preprocessing._polynomial", "PolynomialFeatures", Projections::polynomial);
    transformers(
        "sklearn.preprocessing._function_transformer", "FunctionTransformer", Functions::translate);
    transformers("sklearn.impute._base", "SimpleImputer", Imputers::simple);
    transformers("sklearn.impute._base", "MissingIndicator", Imputers::indicator);
    transformers("sklearn.cluster._kmeans", "KMeans", SimpleModels::clusterDistances);
    transformers("sklearn.cluster._kmeans", "MiniBatchKMeans", SimpleModels::clusterDistances);
    transformers("sklearn.decomposition._pca", "PCA", Projections::principalComponents);
    transformers("sklearn.decomposition._truncated_svd", "TruncatedSVD", Projections::truncatedSvd);
    String select = "sklearn.feature_selection.";
    transformers(select + "_univariate_selection", "SelectKBest", Selectors::best);
    transformers(select + "_univariate_selection", "SelectPercentile", Selectors::percentile);
    transformers(select + "_variance_threshold", "VarianceThreshold", Selectors::variance);
    transformers(select + "_from_model", "SelectFromModel", Selectors::fromModel);
    transformers(select + "_rfe", "RFE", Selectors::support);
    transformers(select + "_rfe", "RFECV", Selectors::support);
    String text = "sklearn.feature_extraction.text";
    transformers(text, "CountVectorizer", TextVectorizers::count);
    transformers(text, "TfidfVectorizer", TextVectorizers::tfidf);
    transformers(text, "TfidfTransformer", TextVectorizers::tfidfTransformer);
    String compose = "sklearn.compose._column_transformer";
    transformers(compose, "ColumnTransformer", ColumnTransforms::columnTransformer);
    transformers("sklearn.pipeline", "FeatureUnion", ColumnTransforms::featureUnion);
    transformers("sklearn.pipeline", "Pipeline", Wrappers::pipelineTransform);
  }

  private void estimators(String module, List<String> names, EstimatorTranslator translator) {
    names.forEach(name -> estimators.put(module + "." + name, translator));
  }

  private void transformers(String module, String name, TransformTranslator translator) {
    transformers.put(module + "." + name, translator);
  }
}
