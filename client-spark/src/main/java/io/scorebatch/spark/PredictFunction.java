package io.scorebatch.spark;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.registry.ModelRegistry;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StringType;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.unsafe.types.UTF8String;
import org.jspecify.annotations.Nullable;

/** {@code predict(uri, struct)}: the URI is a value, which executors resolve. */
final class PredictFunction implements UnboundFunction {
  private final String registry;

  PredictFunction(String registry) {
    this.registry = registry;
  }

  @Override
  public BoundFunction bind(StructType arguments) {
    if (arguments.size() != 2
        || !(arguments.fields()[0].dataType() instanceof StringType)
        || !(arguments.fields()[1].dataType() instanceof StructType row)) {
      throw new UnsupportedOperationException("write predict('models:/name/3', struct(*))");
    }
    return new Bound(registry, row);
  }

  @Override
  public String description() {
    return "predict(uri, struct): what the model's own predict returns";
  }

  @Override
  public String name() {
    return "predict";
  }

  /** Bound to a row type. Each task has its own; one thread at a time. */
  public static final class Bound implements ScalarFunction<Double> {
    /** Means one version for ever. */
    private static final Pattern FIXED = Pattern.compile("models:/([^/@]+/\\d+|m-[^/@]+)|runs:/.+");

    /** Scorers of this JVM by registry and URI. */
    private static final Map<String, Scorer> SCORERS = new ConcurrentHashMap<>();

    private final String registry;
    private final StructType row;
    private transient @Nullable Map<UTF8String, RowScorer> scorers;

    Bound(String registry, StructType row) {
      this.registry = registry;
      this.row = row;
    }

    /** Called by generated code, which finds it by its name. */
    public double invoke(@Nullable UTF8String uri, @Nullable InternalRow values) {
      if (uri == null || values == null) {
        return Double.NaN;
      }
      Map<UTF8String, RowScorer> known = scorers;
      if (known == null) {
        known = new HashMap<>();
        scorers = known;
      }
      RowScorer scorer = known.get(uri);
      if (scorer == null) {
        scorer = new RowScorer(scorer(uri.toString()), row);
        known.put(uri.copy(), scorer);
      }
      return scorer.score(values);
    }

    private Scorer scorer(String uri) {
      if (!FIXED.matcher(uri).matches()) {
        throw ScorebatchException.of(
            ErrorCode.MODEL_URI_INVALID,
            "'" + uri + "' may mean another version on another executor.",
            "predict resolves it where it runs.",
            "write the version (models:/name/3), or call scorebatch.`" + uri + "`(struct(*)).");
      }
      return SCORERS.computeIfAbsent(
          registry + " " + uri,
          key -> {
            try (ModelRegistry opened = ModelFunctions.open(registry)) {
              return ModelFunction.scorer(opened.resolve(uri));
            }
          });
    }

    @Override
    public DataType[] inputTypes() {
      return new DataType[] {DataTypes.StringType, row};
    }

    @Override
    public DataType resultType() {
      return DataTypes.DoubleType;
    }

    @Override
    public boolean isResultNullable() {
      return false;
    }

    @Override
    public String name() {
      return "predict";
    }

    @Override
    public String canonicalName() {
      return "scorebatch.predict";
    }
  }
}
