package io.scorebatch.engine.spark;

import io.scorebatch.api.model.Scorer;
import java.io.Serializable;
import org.apache.spark.SparkContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * A scorer that functions can carry to the executors: each gets the model once and makes its scorer
 * once. Thread-safe.
 */
public final class BroadcastScorer implements Serializable {
  private final Broadcast<ScorerRecipe> recipe;

  private BroadcastScorer(Broadcast<ScorerRecipe> recipe) {
    this.recipe = recipe;
  }

  /**
   * @param scorer made by {@link ClusterScorers}, unless the master is local
   */
  public static BroadcastScorer of(SparkContext context, Scorer scorer) {
    return new BroadcastScorer(
        JavaSparkContext.fromSparkContext(context).broadcast(ClusterScorers.recipe(scorer)));
  }

  /** The scorer of this JVM. */
  public Scorer scorer() {
    return recipe.value().scorer();
  }
}
