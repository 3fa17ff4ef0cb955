package io.scorebatch.spark;

import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.artifact.ArtifactReader;
import io.scorebatch.engine.spark.BroadcastScorer;
import io.scorebatch.engine.spark.ClusterScorers;
import io.scorebatch.kernel.NativeScorerFactory;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.connector.catalog.functions.BoundFunction;
import org.apache.spark.sql.connector.catalog.functions.ScalarFunction;
import org.apache.spark.sql.connector.catalog.functions.UnboundFunction;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.jspecify.annotations.Nullable;

/** A function named by a model URI, which was resolved on the driver. */
final class ModelFunction implements UnboundFunction {
  private final ResolvedModel resolved;
  private final Scorer scorer;

  private ModelFunction(ResolvedModel resolved, Scorer scorer) {
    this.resolved = resolved;
    this.scorer = scorer;
  }

  static ModelFunction resolve(String registryUri, String modelUri) {
    try (ModelRegistry registry = ModelFunctions.open(registryUri)) {
      ResolvedModel resolved = registry.resolve(modelUri);
      return new ModelFunction(resolved, scorer(resolved));
    }
  }

  /** What the model's own predict answers. */
  static Scorer scorer(ResolvedModel resolved) {
    ModelPackage model = new ArtifactReader().read(resolved.folder());
    return ClusterScorers.of(List.of(NativeScorerFactory.class))
        .create(model.model(), List.of(model.requirePythonOutput()));
  }

  @Override
  public BoundFunction bind(StructType arguments) {
    if (arguments.size() != 1 || !(arguments.fields()[0].dataType() instanceof StructType row)) {
      throw new UnsupportedOperationException(
          "a model takes one struct: `" + resolved.uri() + "`(struct(*))");
    }
    RowScorer.check(scorer, row);
    return new Bound(
        resolved.uri(), BroadcastScorer.of(SparkSession.active().sparkContext(), scorer), row);
  }

  @Override
  public String description() {
    return "model " + resolved.name() + " of " + resolved.source();
  }

  @Override
  public String name() {
    return resolved.uri();
  }

  /** Bound to a row type. Each task has its own; one thread at a time. */
  public static final class Bound implements ScalarFunction<Double> {
    private final String uri;
    private final BroadcastScorer model;
    private final StructType row;
    private transient @Nullable RowScorer scorer;

    Bound(String uri, BroadcastScorer model, StructType row) {
      this.uri = uri;
      this.model = model;
      this.row = row;
    }

    /** Called by generated code, which finds it by its name. */
    public double invoke(@Nullable InternalRow values) {
      RowScorer used = scorer;
      if (used == null) {
        used = new RowScorer(model.scorer(), row);
        scorer = used;
      }
      return values == null ? Double.NaN : used.score(values);
    }

    @Override
    public DataType[] inputTypes() {
      return new DataType[] {row};
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
      return uri;
    }

    @Override
    public String canonicalName() {
      return "scorebatch." + uri;
    }
  }
}
