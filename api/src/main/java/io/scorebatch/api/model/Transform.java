package io.scorebatch.api.model;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A step that reads the columns of a row and writes columns. Columns are numbers (float64, NaN
 * where missing) or text (null where missing). Each record states formula and order of operations;
 * versions are scikit-learn 1.0 to 1.9 unless said otherwise. Arrays belong to the record: nobody
 * changes them.
 *
 * <p>A step that works column by column keeps the number of columns; its arrays have one entry a
 * column.
 */
public sealed interface Transform {
  /** Which numbers pass a {@link Check}. */
  enum Accept {
    /** Neither NaN, nor infinities, nor what float32 cannot hold. */
    FINITE_FLOAT,
    /** NaN, but neither infinities nor what float32 cannot hold. */
    FINITE_FLOAT_OR_NAN,
    /** Neither NaN nor infinities. */
    FINITE,
    /** NaN, but not infinities. */
    FINITE_OR_NAN,
    /** Only numbers of 0 and more, and NaN (MultinomialNB, ComplementNB). */
    NOT_NEGATIVE
  }

  /** Norms of a row. */
  enum Norm {
    L1,
    L2,
    MAX
  }

  /**
   * Passes all columns on as they are, or refuses the row with a {@link RejectedValueException}, as
   * the library's own input check does ({@code check_array}). A library that checks nothing needs
   * no such step. Text is not looked at.
   */
  record Check(Accept accept) implements Transform {}

  /** Numbers that are {@code value} as float32 become NaN: XGBoost's {@code missing}. */
  record ValueToNan(double value) implements Transform {}

  /** The columns named, in this order; one may be named twice. */
  record Select(int[] columns) implements Transform {}

  /**
   * Branches that read the same columns; their outputs stand side by side. ColumnTransformer (each
   * branch starts with a {@link Select}), FeatureUnion, stacking. An empty branch passes all
   * columns.
   */
  record Union(List<List<Transform>> branches) implements Transform {
    public Union {
      branches = branches.stream().map(List::copyOf).toList();
    }
  }

  /**
   * SimpleImputer on numbers: what equals {@code missing} (NaN equals NaN) becomes the column's
   * fill. Columns that scikit-learn drops are dropped by a {@link Select} before.
   */
  record Impute(double missing, double[] fill) implements Transform {}

  /**
   * SimpleImputer on text columns.
   *
   * @param missing the text that stands for missing; null where None and NaN do
   * @param fill one a column
   */
  record ImputeText(@Nullable String missing, List<String> fill) implements Transform {
    public ImputeText {
      fill = List.copyOf(fill);
    }
  }

  /**
   * MissingIndicator: for each of the columns named 1 where the value is missing (equals {@code
   * missing}; NaN equals NaN; text: null), else 0.
   */
  record MissingIndicator(double missing, int[] columns) implements Transform {}

  /**
   * {@code (x - centre) / scale}: StandardScaler, RobustScaler, MaxAbsScaler ({@code x / scale}),
   * and MinMaxScaler's inverse. An empty array leaves its step out.
   */
  record Standardize(double[] centre, double[] scale) implements Transform {}

  /**
   * {@code x * scale + shift}, rounded twice, then clipped to {@code [low, high]}: MinMaxScaler,
   * inverse of StandardScaler, weights of a FeatureUnion. An empty array leaves its step out;
   * infinite limits clip nothing. NaN stays NaN.
   */
  record ScaleShift(double[] scale, double[] shift, double low, double high) implements Transform {}

  /**
   * Divides a row by its norm. Normalizer (dense): a norm below 10 * 2^-52 counts as 1, L1 is
   * summed pairwise as NumPy sums. Text vectorizers (sparse): a norm of 0 counts as 1, sums run in
   * order of the columns. L2 is the root of the sum of squares in order of the columns; NumPy's own
   * order for dense rows may differ by 1 ulp.
   */
  record Normalize(Norm norm, boolean sparse) implements Transform {
    /** Of dense rows. */
    public Normalize(Norm norm) {
      this(norm, false);
    }
  }

  /**
   * PowerTransformer without its scaler (add a {@link Standardize}).
   *
   * <p>Yeo-Johnson, x at least 0: {@code ((x + 1)^l - 1) / l}, for |l| below 2^-52 {@code
   * log1p(x)}; x below 0: {@code -((1 - x)^(2 - l) - 1) / (2 - l)}, for |l - 2| up to 2^-52 {@code
   * -log1p(-x)}. Box-Cox: {@code (x^l - 1) / l}, for l = 0 {@code log(x)}. Within a few ulp of
   * Python.
   */
  record Power(boolean boxCox, double[] lambdas) implements Transform {}

  /**
   * QuantileTransformer: {@code 0.5 * (interp(x, q, r) - interp(-x, -q reversed, -r reversed))}, at
   * or below the lowest quantile (by 1e-7 for normal) 0, at or above the highest 1; then for normal
   * the normal quantile clipped to {@code [-5.199337582605575, 5.19933758270342]}. NaN stays NaN.
   *
   * @param quantiles {@code quantiles_}, ascending, one array a column
   * @param references {@code references_}
   * @param normal whether the output is normal; otherwise uniform
   */
  record Quantile(double[][] quantiles, double[] references, boolean normal) implements Transform {
    public Quantile {
      for (double[] column : quantiles) {
        Shapes.require("quantiles", column.length, references.length);
      }
      Shapes.positive("references", references.length);
    }
  }

  /**
   * KBinsDiscretizer: the bin is the number of inner edges at or below x. One-hot: a column of 0
   * and 1 for each bin.
   *
   * @param edges {@code bin_edges_}, first and last included, one array a column
   * @param tolerance before scikit-learn 1.3 edges are lowered: {@code x + 1e-8 + 1e-5 * |x|} is
   *     compared instead of x
   * @param oneHot whether bins become columns
   */
  record Bins(double[][] edges, boolean tolerance, boolean oneHot) implements Transform {
    public Bins {
      for (double[] column : edges) {
        Shapes.positive("bins", column.length - 1L);
      }
    }
  }

  /** {@code x > threshold ? 1 : 0}. */
  record Binarize(double threshold) implements Transform {}

  /**
   * OneHotEncoder: columns of 0 and 1, those of the first input column first.
   *
   * @param columns one an input column
   */
  record OneHot(List<OneHotColumn> columns) implements Transform {
    public OneHot {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A column to encode.
   *
   * @param categories what was learned
   * @param width columns written
   * @param position the column each category sets to 1, counted from 0; -1 for none (dropped)
   * @param unknown the column an unknown value sets; {@link #NONE} for none, {@link #REJECT} to
   *     refuse the row
   */
  record OneHotColumn(Categories categories, int width, int[] position, int unknown) {
    /** An unknown value sets no column. */
    public static final int NONE = -1;

    /** An unknown value is refused. */
    public static final int REJECT = -2;

    public OneHotColumn {
      Shapes.require("positions", position.length, categories.size());
      for (int p : position) {
        if (p < -1 || p >= width) {
          throw new IllegalArgumentException("position " + p + " of " + width + " columns");
        }
      }
      if (unknown < REJECT || unknown >= width) {
        throw new IllegalArgumentException("unknown values set column " + unknown);
      }
    }
  }

  /**
   * Categories become numbers: OrdinalEncoder, TargetEncoder (for K classes K columns each), pandas
   * categories of LightGBM and XGBoost.
   *
   * @param columns one an input column
   */
  record MapCategories(List<MappedColumn> columns) implements Transform {
    public MapCategories {
      columns = List.copyOf(columns);
    }
  }

  /**
   * A column to map.
   *
   * @param categories what was learned
   * @param width columns written
   * @param values {@code width} numbers for each category
   * @param unknown {@code width} numbers for values that are no category; empty to refuse the row
   */
  record MappedColumn(Categories categories, int width, double[] values, double[] unknown) {
    public MappedColumn {
      Shapes.positive("width", width);
      Shapes.require("values", values.length, (long) width * categories.size());
      if (unknown.length != 0) {
        Shapes.require("unknown", unknown.length, width);
      }
    }
  }

  /**
   * PolynomialFeatures: each output column is the product of the input columns listed, multiplied
   * from the last to the first ({@code x0 * (x1 * x2)}); an empty list gives 1.
   */
  record Polynomial(int[][] products) implements Transform {}

  /** A known NumPy function of each number. */
  record Apply(Function function) implements Transform {}

  /** NumPy functions. exp is glibc's; logarithms are within 1 ulp of NumPy's. */
  enum Function {
    IDENTITY,
    ABS,
    SQRT,
    SQUARE,
    LOG,
    LOG1P,
    LOG2,
    LOG10,
    EXP,
    EXPM1,
    RECIPROCAL,
    NEGATIVE,
    SIGN,
    FLOOR,
    CEIL,
    RINT,
    SIN,
    COS,
    TANH,
    /** The nearest float32, as scikit-learn's boosting hands its rows to {@code init}. */
    FLOAT32
  }

  /**
   * PCA, TruncatedSVD: {@code y[k] = sum_j((x[j] - mean[j]) * components[k * inputs + j]) /
   * scale[k]}. Equal to Python within a few ulp of the sums (BLAS).
   *
   * @param inputs number of input columns
   * @param mean {@code mean_}; empty for none
   * @param components {@code components_}, row by row
   * @param scale root of {@code explained_variance_} for whitening; empty for none
   */
  record Project(int inputs, double[] mean, double[] components, double[] scale)
      implements Transform {
    public Project {
      Shapes.positive("inputs", inputs);
      Shapes.require("components", components.length % inputs, 0);
      if (mean.length != 0) {
        Shapes.require("mean", mean.length, inputs);
      }
      if (scale.length != 0) {
        Shapes.require("scale", scale.length, components.length / inputs);
      }
    }
  }

  /**
   * CountVectorizer: reads one text column, writes how often each term of the vocabulary occurs.
   *
   * <p>The text is lower-cased, then stripped of accents, then cut into tokens: WORD by the pattern
   * (Unicode classes; one group at most, which is then the token), stop words left out, n-grams of
   * words joined by one blank; CHAR: n-grams of characters after runs of white space become one
   * blank; CHAR_WB: n-grams inside words padded by a blank on each side, a word shorter than n
   * once. Characters are Unicode code points. A missing text is refused, as Python refuses None and
   * NaN.
   *
   * @param vocabulary {@code vocabulary_}: term to column
   * @param width number of columns
   * @param analyzer what is counted
   * @param lowercase whether the text is lower-cased
   * @param accents how accents are stripped
   * @param tokenPattern Python's regular expression
   * @param stopWords words left out; empty for none
   * @param minN shortest n-gram
   * @param maxN longest n-gram
   * @param binary whether counts above 0 become 1
   */
  record CountText(
      Map<String, Integer> vocabulary,
      int width,
      Analyzer analyzer,
      boolean lowercase,
      Accents accents,
      String tokenPattern,
      Set<String> stopWords,
      int minN,
      int maxN,
      boolean binary)
      implements Transform {
    public CountText {
      vocabulary = Map.copyOf(vocabulary);
      stopWords = Set.copyOf(stopWords);
      if (minN < 1 || maxN < minN) {
        throw new IllegalArgumentException("n-grams from " + minN + " to " + maxN);
      }
      for (Map.Entry<String, Integer> term : vocabulary.entrySet()) {
        if (term.getValue() < 0 || term.getValue() >= width) {
          throw new IllegalArgumentException(
              "term '" + term.getKey() + "' has column " + term.getValue() + " of " + width);
        }
      }
    }
  }

  /** What a text is cut into. */
  enum Analyzer {
    WORD,
    CHAR,
    CHAR_WB
  }

  /** {@code strip_accents}. */
  enum Accents {
    KEEP,
    /** NFKD, then what is not ASCII is dropped. */
    ASCII,
    /** NFKD, then combining characters are dropped. */
    UNICODE
  }

  /**
   * TfidfTransformer without its norm (add a {@link Normalize}): a count above 0 becomes {@code
   * log(count) + 1} where sublinear, then {@code * idf}.
   *
   * @param sublinear {@code sublinear_tf}
   * @param idf one a column; empty for none
   */
  record Tfidf(boolean sublinear, double[] idf) implements Transform {}

  /**
   * An estimator's answers as columns: stacking, voting as a transform.
   *
   * @param estimator reads all columns
   * @param kind what it is asked for; labels become the index of the class
   * @param columns which of its columns are kept, in this order; empty for all
   */
  record EstimatorOutput(Estimator estimator, OutputKind kind, int[] columns)
      implements Transform {}
}
