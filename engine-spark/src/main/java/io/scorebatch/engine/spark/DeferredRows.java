package io.scorebatch.engine.spark;

import java.util.List;
import java.util.function.Supplier;
import org.apache.spark.Dependency;
import org.apache.spark.OneToOneDependency;
import org.apache.spark.Partition;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.catalyst.InternalRow;
import org.jspecify.annotations.Nullable;
import scala.collection.Iterator;
import scala.collection.immutable.Seq;
import scala.reflect.ClassTag$;

/**
 * Rows of a query that is not started before a job asks for them: adaptive execution runs a query's
 * shuffles as soon as its RDD is made.
 */
final class DeferredRows extends RDD<InternalRow> {
  private final transient Supplier<RDD<InternalRow>> query;
  private @Nullable RDD<InternalRow> rows;

  DeferredRows(SparkContext context, Supplier<RDD<InternalRow>> query) {
    super(context, Scala.seq(List.of()), ClassTag$.MODULE$.apply(InternalRow.class));
    this.query = query;
  }

  private synchronized RDD<InternalRow> rows() {
    RDD<InternalRow> made = rows;
    if (made == null) {
      made = query.get();
      rows = made;
    }
    return made;
  }

  @Override
  public Partition[] getPartitions() {
    return rows().partitions();
  }

  @Override
  public Seq<Dependency<?>> getDependencies() {
    return Scala.seq(List.of(new OneToOneDependency<>(rows())));
  }

  @Override
  public Iterator<InternalRow> compute(Partition split, TaskContext context) {
    return rows().iterator(split, context);
  }
}
