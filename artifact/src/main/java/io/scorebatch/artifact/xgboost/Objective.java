package io.scorebatch.artifact.xgboost;

import io.scorebatch.api.model.Link;
import java.util.Arrays;
import java.util.Optional;

/** XGBoost's objectives: what becomes of a sum of trees, and what a stored start stands for. */
enum Objective {
  SQUARED_ERROR("reg:squarederror", Kind.REGRESSION, Link.IDENTITY, Start.AS_STORED),
  SQUARED_LOG_ERROR("reg:squaredlogerror", Kind.REGRESSION, Link.IDENTITY, Start.AS_STORED),
  PSEUDO_HUBER("reg:pseudohubererror", Kind.REGRESSION, Link.IDENTITY, Start.AS_STORED),
  ABSOLUTE_ERROR("reg:absoluteerror", Kind.REGRESSION, Link.IDENTITY, Start.AS_STORED),
  QUANTILE("reg:quantileerror", Kind.REGRESSION, Link.IDENTITY, Start.AS_STORED),
  RANK_PAIRWISE("rank:pairwise", Kind.REGRESSION, Link.IDENTITY, Start.AS_STORED),
  RANK_NDCG("rank:ndcg", Kind.REGRESSION, Link.IDENTITY, Start.AS_STORED),
  RANK_MAP("rank:map", Kind.REGRESSION, Link.IDENTITY, Start.AS_STORED),
  REG_LOGISTIC("reg:logistic", Kind.REGRESSION, Link.FLOAT_SIGMOID, Start.LOGIT),
  POISSON("count:poisson", Kind.REGRESSION, Link.FLOAT_EXP, Start.LOG),
  GAMMA("reg:gamma", Kind.REGRESSION, Link.FLOAT_EXP, Start.LOG),
  TWEEDIE("reg:tweedie", Kind.REGRESSION, Link.FLOAT_EXP, Start.LOG),
  COX("survival:cox", Kind.REGRESSION, Link.FLOAT_EXP, Start.LOG),
  AFT("survival:aft", Kind.REGRESSION, Link.FLOAT_EXP, Start.LOG),
  LOGISTIC("binary:logistic", Kind.BINARY, Link.FLOAT_SIGMOID, Start.LOGIT),
  LOGIT_RAW("binary:logitraw", Kind.REGRESSION, Link.IDENTITY, Start.AS_STORED),
  HINGE("binary:hinge", Kind.BINARY, Link.HINGE, Start.AS_STORED),
  SOFTMAX("multi:softmax", Kind.MULTICLASS, Link.FLOAT_SOFTMAX, Start.AS_STORED),
  SOFTPROB("multi:softprob", Kind.MULTICLASS, Link.FLOAT_SOFTMAX, Start.AS_STORED);

  /** What the objective was trained for. */
  enum Kind {
    REGRESSION,
    BINARY,
    MULTICLASS
  }

  /** In which terms the file stores the start of the sum. */
  private enum Start {
    AS_STORED,
    LOGIT,
    LOG
  }

  private final String text;
  private final Kind kind;
  private final Link link;
  private final Start start;

  Objective(String text, Kind kind, Link link, Start start) {
    this.text = text;
    this.kind = kind;
    this.link = link;
    this.start = start;
  }

  static Optional<Objective> parse(String text) {
    return Arrays.stream(values()).filter(o -> o.text.equals(text)).findFirst();
  }

  String text() {
    return text;
  }

  Kind kind() {
    return kind;
  }

  Link link() {
    return link;
  }

  /** The start of the sum, from the {@code base_score} of a file. */
  float margin(float baseScore) {
    switch (start) {
      case LOGIT:
        return -GlibcLogf.logf(1f / baseScore - 1f);
      case LOG:
        return GlibcLogf.logf(baseScore);
      case AS_STORED:
        return baseScore;
    }
    throw new IllegalStateException("unknown start " + start);
  }
}
