package io.scorebatch.engine.spark;

import java.util.List;
import org.apache.spark.rdd.RDD;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.catalyst.InternalRow;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.classic.Dataset$;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.execution.QueryExecution;
import org.apache.spark.sql.types.StructType;

/** The way between DataFrames and Spark's own rows. The only place that leaves the public API. */
final class InternalRows {
  private InternalRows() {}

  static QueryExecution execution(Dataset<Row> rows) {
    return ((org.apache.spark.sql.classic.Dataset<Row>) rows).queryExecution();
  }

  /** Rows may be reused by whoever makes them: copy what is kept. */
  static RDD<InternalRow> of(Dataset<Row> rows) {
    return execution(rows).toRdd();
  }

  static Dataset<Row> frame(SparkSession session, RDD<InternalRow> rows, StructType schema) {
    return session.internalCreateDataFrame(rows, schema, false);
  }

  /**
   * Rows of a plan made by hand.
   *
   * @throws AnalysisException where it makes no sense
   */
  @SuppressWarnings("RedundantThrows")
  static Dataset<Row> frame(SparkSession session, LogicalPlan plan) throws AnalysisException {
    return Dataset$.MODULE$.ofRows(session, plan);
  }

  /** As {@link Dataset#select}, which in Java's eyes throws nothing. */
  @SuppressWarnings("RedundantThrows")
  static Dataset<Row> select(Dataset<Row> rows, List<Column> columns) throws AnalysisException {
    return rows.select(columns.toArray(Column[]::new));
  }
}
