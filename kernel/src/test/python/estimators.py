"""Writes ../resources/estimators/*.txt: small scikit-learn models as plain arrays, rows, and what Python answers for them.

    pip install -r requirements.txt
    NPY_DISABLE_CPU_FEATURES="X86_V4 AVX512_ICL AVX512_SPR" OPENBLAS_CORETYPE=Haswell python estimators.py

A line is a key and numbers (or, after `text:`, words separated by tabs). `x` holds the rows one after the other, `expect.<kind>`
the answers likewise.
"""
import os
import warnings

import numpy as np
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import PCA
from sklearn.ensemble import (AdaBoostClassifier, AdaBoostRegressor, GradientBoostingClassifier, GradientBoostingRegressor,
                              IsolationForest, RandomForestClassifier, VotingClassifier)
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, SGDClassifier
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.preprocessing import (KBinsDiscretizer, MinMaxScaler, Normalizer, PolynomialFeatures, PowerTransformer,
                                   QuantileTransformer, StandardScaler)
from sklearn.svm import SVC, SVR, OneClassSVM

warnings.simplefilter("ignore")
HERE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "resources", "estimators")
rng = np.random.default_rng(7)
X = rng.normal(size=(90, 4)) * [1, 2, 5, 0.5]
score = X[:, 0] + np.sin(X[:, 1]) + 0.3 * X[:, 2] + rng.normal(size=90) * 0.3
BINARY = (score > 0).astype(int)
MULTI = np.digitize(score, [-1, 1])
ROWS = np.vstack([X[:12], rng.normal(size=(18, 4)) * [1, 2, 5, 0.5]])


def write(name, model=None, rows=ROWS, kinds=(), **arrays):
    with open(os.path.join(HERE, name + ".txt"), "w", encoding="utf-8") as out:
        def line(key, value):
            if isinstance(value, list) and value and isinstance(value[0], str):
                out.write(f"{key} text:" + "\t".join(value) + "\n")
            else:
                out.write(key + " " + " ".join(repr(float(v)) for v in np.asarray(value, dtype=float).ravel()) + "\n")
        line("x", rows)
        for key, value in arrays.items():
            line(key, value)
        for kind in kinds:
            answer = getattr(model, kind)(rows)
            line("expect." + kind, answer.toarray() if hasattr(answer, "toarray") else answer)


def trees(trees_, values):
    """The trees as one table; `values` gives the leaf values of a tree."""
    table = {k: [] for k in ("roots", "left", "right", "feature", "threshold", "missing", "values", "samples")}
    base = 0
    for tree in trees_:
        table["roots"].append(base)
        inner = tree.children_left >= 0
        table["left"] += list(np.where(inner, tree.children_left + base, -1))
        table["right"] += list(np.where(inner, tree.children_right + base, -1))
        table["feature"] += list(np.where(inner, tree.feature, 0))
        table["threshold"] += list(np.where(inner, tree.threshold, 0))
        table["missing"] += [2 + int(m) for m in tree.missing_go_to_left]
        table["values"] += list(np.asarray(values(tree)).ravel())
        table["samples"] += list(tree.n_node_samples)
        base += tree.node_count
    return table


classes = ("predict", "predict_proba")
decided = ("predict", "decision_function", "predict_proba")
outliers = ("predict", "decision_function", "score_samples")

m = RandomForestClassifier(5, max_depth=4, random_state=0).fit(X, MULTI)
write("forest", m, kinds=classes, **trees([e.tree_ for e in m.estimators_], lambda t: t.value[:, 0, :]))
m = GradientBoostingRegressor(n_estimators=8, max_depth=3, random_state=0).fit(X, score)
write("boosting-regression", m, kinds=("predict",), start=m._raw_predict_init(ROWS)[0],
      **trees([e.tree_ for e in m.estimators_[:, 0]], lambda t: m.learning_rate * t.value[:, 0, 0]))
m = GradientBoostingClassifier(n_estimators=6, max_depth=2, random_state=0).fit(X, BINARY)
write("boosting-binary", m, kinds=decided, start=m._raw_predict_init(ROWS)[0],
      **trees([e.tree_ for e in m.estimators_[:, 0]], lambda t: m.learning_rate * t.value[:, 0, 0]))
m = GradientBoostingClassifier(n_estimators=4, max_depth=2, random_state=0).fit(X, MULTI)
write("boosting-multiclass", m, kinds=decided, start=m._raw_predict_init(ROWS)[0],
      **trees([e.tree_ for e in m.estimators_.ravel()], lambda t: m.learning_rate * t.value[:, 0, 0]))
m = GradientBoostingClassifier(n_estimators=4, max_depth=2, init=RandomForestClassifier(3, max_depth=2, random_state=0),
                               random_state=0).fit(X, MULTI)
write("boosting-init", m, kinds=decided, **trees([e.tree_ for e in m.estimators_.ravel()], lambda t: m.learning_rate * t.value[:, 0, 0]),
      **{"init." + k: v for k, v in trees([e.tree_ for e in m.init_.estimators_], lambda t: t.value[:, 0, :]).items()})
holes = ROWS.copy()
holes[::5, 1] = np.nan
m = IsolationForest(n_estimators=20, max_samples=40, contamination=0.1, random_state=0).fit(X)
write("isolation-forest", m, rows=holes, kinds=outliers, offset=m.offset_, maxSamples=m._max_samples,
      **trees([e.tree_ for e in m.estimators_], lambda t: np.zeros(t.node_count)))
for name, algorithm, y in (("adaboost-binary", AdaBoostClassifier, BINARY), ("adaboost-multiclass", AdaBoostClassifier, MULTI),
                           ("adaboost-regression", AdaBoostRegressor, score)):
    regression = algorithm is AdaBoostRegressor
    m = algorithm(n_estimators=9, random_state=0).fit(X, y)
    write(name, m, kinds=("predict",) if regression else decided, weights=m.estimator_weights_[:len(m.estimators_)],
          **trees([e.tree_ for e in m.estimators_], lambda t: t.value[:, 0, :]))

for name, m, y in (("logistic-binary", LogisticRegression(), BINARY), ("logistic-multiclass", LogisticRegression(), MULTI),
                   ("sgd-modified-huber", SGDClassifier(loss="modified_huber", random_state=0), MULTI),
                   ("sgd-log", SGDClassifier(loss="log_loss", random_state=0), MULTI)):
    m.fit(X, y)
    write(name, m, kinds=decided, coefficients=m.coef_, intercepts=m.intercept_)

for name, m, y in (("svc-binary", SVC(probability=True, random_state=0), BINARY), ("svc-multiclass", SVC(probability=True, random_state=0), MULTI),
                   ("svc-pairs", SVC(kernel="poly", degree=3, coef0=1, decision_function_shape="ovo"), MULTI),
                   ("svc-ties", SVC(kernel="sigmoid", gamma=0.05, break_ties=True), MULTI),
                   ("svr", SVR(kernel="linear"), score), ("one-class-svm", OneClassSVM(nu=0.2), None)):
    m.fit(X, y)
    kinds = ("predict",) if name == "svr" else outliers if name.startswith("one") else decided if m.probability else decided[:2]
    write(name, m, kinds=kinds, gamma=m._gamma, vectors=m.support_vectors_, counts=m._n_support, dual=m._dual_coef_,
          intercepts=m._intercept_, probA=m._probA, probB=m._probB)

m = GaussianNB().fit(X, MULTI)
write("gaussian-nb", m, kinds=classes, means=m.theta_, variances=m.var_, logPriors=np.log(m.class_prior_))
for name, m, y in (("neighbours-uniform", KNeighborsClassifier(4), MULTI), ("neighbours-distance", KNeighborsClassifier(4, weights="distance"), MULTI),
                   ("neighbours-manhattan", KNeighborsClassifier(3, p=1), MULTI), ("neighbours-minkowski", KNeighborsClassifier(3, p=3), MULTI)):
    write(name, m.fit(X, y), kinds=classes, points=X, targets=y)
for name, weights in (("neighbours-mean", "uniform"), ("neighbours-weighted-mean", "distance")):
    write(name, KNeighborsRegressor(4, weights=weights).fit(X, score), kinds=("predict",), points=X, targets=score)
m = LocalOutlierFactor(6, novelty=True).fit(X)
write("local-outlier-factor", m, rows=ROWS[12:], kinds=outliers, points=X, kDistances=m._distances_fit_X_[:, m.n_neighbors_ - 1],
      densities=m._lrd, offset=m.offset_)
m = EllipticEnvelope(random_state=0).fit(X)
write("elliptic-envelope", m, kinds=outliers, location=m.location_, precision=m.precision_, offset=m.offset_)
m = KMeans(3, n_init=2, random_state=0).fit(X)
write("kmeans", m, kinds=("predict", "transform"), centres=m.cluster_centers_)
for name, m, y in (("network-binary", MLPClassifier((5, 3), max_iter=40, random_state=0), BINARY),
                   ("network-multiclass", MLPClassifier((5, 3), activation="tanh", max_iter=40, random_state=0), MULTI),
                   ("network-regression", MLPRegressor((5, 3), activation="logistic", max_iter=40, random_state=0), score)):
    m.fit(X, y)
    write(name, m, kinds=("predict",) if name.endswith("regression") else classes,
          **{f"weights{i}": w for i, w in enumerate(m.coefs_)}, **{f"bias{i}": b for i, b in enumerate(m.intercepts_)})

for method in ("sigmoid", "isotonic"):
    for y, kind in ((BINARY, "binary"), (MULTI, "multiclass")):
        m = CalibratedClassifierCV(LogisticRegression(), method=method, cv=2).fit(X, y)
        arrays = {"folds": len(m.calibrated_classifiers_)}
        for f, fold in enumerate(m.calibrated_classifiers_):
            arrays[f"coefficients{f}"] = fold.estimator.coef_
            arrays[f"intercepts{f}"] = fold.estimator.intercept_
            for c, calibrator in enumerate(fold.calibrators):
                if method == "sigmoid":
                    arrays[f"sigmoid{f}.{c}"] = [calibrator.a_, calibrator.b_]
                else:
                    arrays[f"range{f}.{c}"] = [calibrator.X_min_, calibrator.X_max_]
                    arrays[f"x{f}.{c}"] = calibrator.X_thresholds_
                    arrays[f"y{f}.{c}"] = calibrator.y_thresholds_
        write(f"calibrated-{method}-{kind}", m, kinds=classes, **arrays)
for voting, weights in (("soft", [2, 1]), ("hard", [1, 1.5])):
    m = VotingClassifier([("a", LogisticRegression()), ("b", LogisticRegression(C=0.01))], voting=voting, weights=weights).fit(X, MULTI)
    write("voting-" + voting, m, kinds=classes if voting == "soft" else ("predict",), weights=weights,
          **{f"coefficients{i}": e.coef_ for i, e in enumerate(m.estimators_)},
          **{f"intercepts{i}": e.intercept_ for i, e in enumerate(m.estimators_)})

t = StandardScaler().fit(X)
write("standard-scaler", t, kinds=("transform",), mean=t.mean_, scale=t.scale_)
t = MinMaxScaler((-1, 2), clip=True).fit(X[:40])
write("min-max-scaler", t, kinds=("transform",), scale=t.scale_, min=t.min_)
for norm in ("l1", "l2", "max"):
    write("normalizer-" + norm, Normalizer(norm), kinds=("transform",))
t = PowerTransformer(standardize=False).fit(X)
write("yeo-johnson", t, kinds=("transform",), lambdas=t.lambdas_)
t = PowerTransformer("box-cox", standardize=False).fit(np.abs(X) + 0.1)
write("box-cox", t, rows=np.abs(ROWS) + 0.1, kinds=("transform",), lambdas=t.lambdas_)
for output in ("uniform", "normal"):
    t = QuantileTransformer(n_quantiles=15, output_distribution=output).fit(X)
    write("quantile-" + output, t, rows=np.vstack([ROWS, t.quantiles_[[0, 3, -1]], [[np.nan] * 4, [99.0] * 4]]), kinds=("transform",),
          quantiles=t.quantiles_.T, references=t.references_)
t = KBinsDiscretizer(4, encode="onehot-dense", strategy="quantile").fit(X)
write("bins", t, rows=np.vstack([ROWS, np.array([e for e in t.bin_edges_]).T]), kinds=("transform",), edges=np.array([e for e in t.bin_edges_]))
t = PolynomialFeatures(3).fit(X)
write("polynomial", t, kinds=("transform",), powers=t.powers_)
t = PCA(2, whiten=True).fit(X)
write("pca", t, kinds=("transform",), mean=t.mean_, components=t.components_, scale=np.sqrt(t.explained_variance_))

texts = ["The cat sat on the mat.", "Über-cats can't sit: naïve CAFÉ 2²½ x_y", "a b  c \n\t dd", "", "Straße STRASSE İstanbul",
         "日本語 テキスト 123", "don't stop_me now 12 3", "e\u0301te\u0301 noël \u0915\u094d\u0937", "tab\tseparated\u2003words", "The THE the cat cat"]
for name, t in (("text-words", CountVectorizer(ngram_range=(1, 2), stop_words=["the", "on"])),
                ("text-binary-case", CountVectorizer(lowercase=False, binary=True, token_pattern=r"(?u)\b[^\W\d_]{2,}\b")),
                ("text-group", CountVectorizer(token_pattern=r"(?P<first>\w)\w*", strip_accents="unicode")),
                ("text-ascii", CountVectorizer(strip_accents="ascii")),
                ("text-char", CountVectorizer(analyzer="char", ngram_range=(1, 3))),
                ("text-char-wb", CountVectorizer(analyzer="char_wb", ngram_range=(2, 4))),
                ("text-tfidf", TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)))):
    t.fit(texts)
    words = sorted(t.vocabulary_, key=t.vocabulary_.get)
    with open(os.path.join(HERE, name + ".txt"), "w", encoding="utf-8") as out:
        def escaped(w):
            return w.encode("unicode_escape").decode("ascii")
        out.write("x text:" + "\t".join(escaped(w) for w in texts) + "\n")
        out.write("vocabulary text:" + "\t".join(escaped(w) for w in words) + "\n")
        if hasattr(t, "idf_"):
            out.write("idf " + " ".join(repr(float(v)) for v in t.idf_) + "\n")
        out.write("expect.transform " + " ".join(repr(float(v)) for v in t.transform(texts).toarray().ravel()) + "\n")
