package io.scorebatch.engine.spark;

import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.spark.sql.AnalysisException;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.catalyst.AliasIdentifier;
import org.apache.spark.sql.catalyst.analysis.RelationTimeTravel;
import org.apache.spark.sql.catalyst.analysis.UnresolvedFunction;
import org.apache.spark.sql.catalyst.analysis.UnresolvedRelation;
import org.apache.spark.sql.catalyst.analysis.UnresolvedTableValuedFunction;
import org.apache.spark.sql.catalyst.expressions.Expression;
import org.apache.spark.sql.catalyst.expressions.PlanExpression;
import org.apache.spark.sql.catalyst.parser.ParserInterface;
import org.apache.spark.sql.catalyst.plans.logical.Command;
import org.apache.spark.sql.catalyst.plans.logical.LogicalPlan;
import org.apache.spark.sql.catalyst.plans.logical.ParsedStatement;
import org.apache.spark.sql.catalyst.plans.logical.ScriptTransformation;
import org.apache.spark.sql.catalyst.plans.logical.SubqueryAlias;
import org.apache.spark.sql.catalyst.plans.logical.UnresolvedWith;
import org.apache.spark.sql.catalyst.trees.TreeNode;
import org.apache.spark.sql.classic.ExpressionUtils;
import org.apache.spark.sql.classic.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import scala.Tuple3;
import scala.collection.immutable.Seq;

/**
 * SQL that a user wrote: one read-only query. It is parsed, and the tables it names become the rows
 * of their snapshots before anything is looked up, so it sees no table but those of the catalog.
 */
final class UserSql {
  private static final Pattern SHOW_TABLES =
      Pattern.compile("\\s*show\\s+tables\\s*;?\\s*", Pattern.CASE_INSENSITIVE);
  private static final Pattern DESCRIBE =
      Pattern.compile(
          "\\s*(?:describe|desc)\\s+(?:table\\s+)?([^\\s(;]+)\\s*;?\\s*", Pattern.CASE_INSENSITIVE);

  /** They call any Java method. */
  private static final Set<String> CALLING =
      Set.of("reflect", "java_method", "try_reflect", "try_java_method");

  /** Functions in FROM that read nothing but their arguments. */
  private static final Set<String> TABLE_FUNCTIONS =
      Set.of(
          "range",
          "explode",
          "explode_outer",
          "posexplode",
          "posexplode_outer",
          "inline",
          "inline_outer",
          "stack",
          "json_tuple");

  private final SparkSession session;
  private final String sql;
  private final TableStore tables;
  private final TableScans scans;
  private final Set<String> withNames = new HashSet<>();

  private UserSql(SparkSession session, String sql, TableStore tables, TableScans scans) {
    this.session = session;
    this.sql = sql;
    this.tables = tables;
    this.scans = scans;
  }

  /**
   * The rows of a query, not yet read.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where it is not one read-only statement, or
   *     a table is not there
   */
  static Dataset<Row> rows(SparkSession session, String sql, TableStore tables, TableScans scans) {
    if (SHOW_TABLES.matcher(sql).matches()) {
      return showTables(session, tables);
    }
    var describe = DESCRIBE.matcher(sql);
    if (describe.matches()) {
      return describe(session, TableName.parse(describe.group(1), "", ""), tables);
    }
    return new UserSql(session, sql, tables, scans).query();
  }

  private Dataset<Row> query() {
    try {
      LogicalPlan parsed = session.sessionState().sqlParser().parsePlan(sql);
      check(parsed);
      return InternalRows.frame(session, resolved(parsed));
    } catch (AnalysisException e) {
      throw SparkFailures.queryInvalid(sql, SparkFailures.firstLine(e));
    }
  }

  /** One expression, in the names of its parameters. */
  static Column expression(org.apache.spark.sql.SparkSession session, Compute compute) {
    try {
      ParserInterface parser = ((SparkSession) session).sessionState().sqlParser();
      Expression parsed = parser.parseExpression(compute.sql());
      check(
          parsed,
          node -> {
            if (node instanceof PlanExpression<?>) {
              throw SparkFailures.functionInvalid(compute, "It holds a query.");
            }
            if (callsJava(node)) {
              throw SparkFailures.functionInvalid(compute, "It calls Java.");
            }
          });
      return ExpressionUtils.column(parsed);
    } catch (AnalysisException e) {
      throw SparkFailures.functionInvalid(compute, SparkFailures.firstLine(e));
    }
  }

  private interface Visitor {
    void see(TreeNode<?> node);
  }

  private static void check(TreeNode<?> node, Visitor visitor) {
    visitor.see(node);
    Scala.list(node.children()).forEach(child -> check((TreeNode<?>) child, visitor));
  }

  private static boolean callsJava(TreeNode<?> node) {
    if (!(node instanceof UnresolvedFunction function)) {
      return false;
    }
    List<String> parts = Scala.list(function.nameParts());
    return CALLING.contains(parts.get(parts.size() - 1).toLowerCase(Locale.ROOT));
  }

  private void check(LogicalPlan plan) {
    check(
        plan,
        node -> {
          if (node instanceof Command
              || node instanceof ParsedStatement
              || node instanceof ScriptTransformation
              || node instanceof UnresolvedTableValuedFunction function && !isHarmless(function)) {
            throw SparkFailures.queryNotReadOnly(sql);
          }
          if (node instanceof UnresolvedWith with) {
            for (Tuple3<String, SubqueryAlias, ?> named : Scala.list(with.cteRelations())) {
              withNames.add(named._1().toLowerCase(Locale.ROOT));
              check(named._2());
            }
          }
          for (Expression expression : Scala.list(((LogicalPlan) node).expressions())) {
            check(expression, this::checkExpression);
          }
        });
  }

  private void checkExpression(TreeNode<?> node) {
    if (callsJava(node)) {
      throw SparkFailures.queryNotReadOnly(sql);
    }
    if (node instanceof PlanExpression<?> subquery) {
      check((LogicalPlan) subquery.plan());
    }
  }

  private static boolean isHarmless(UnresolvedTableValuedFunction function) {
    List<String> name = Scala.list(function.name());
    return name.size() == 1 && TABLE_FUNCTIONS.contains(name.get(0).toLowerCase(Locale.ROOT));
  }

  private LogicalPlan resolved(LogicalPlan plan) {
    return plan.transformDownWithSubqueries(Scala.rewrite(this::resolvedNode));
  }

  private LogicalPlan resolvedNode(LogicalPlan node) {
    if (node instanceof UnresolvedRelation relation) {
      List<String> parts = Scala.list(relation.multipartIdentifier());
      boolean named =
          parts.size() == 1 && withNames.contains(parts.get(0).toLowerCase(Locale.ROOT));
      return named ? node : table(parts, null);
    }
    if (node instanceof RelationTimeTravel travel
        && travel.relation() instanceof UnresolvedRelation relation
        && travel.version().isDefined()) {
      return table(
          Scala.list(relation.multipartIdentifier()), Long.valueOf(travel.version().get()));
    }
    if (node instanceof UnresolvedWith with) {
      List<Tuple3<String, SubqueryAlias, scala.Option<Object>>> queries = new ArrayList<>();
      for (Tuple3<String, SubqueryAlias, scala.Option<Object>> query :
          Scala.list(with.cteRelations())) {
        queries.add(new Tuple3<>(query._1(), (SubqueryAlias) resolved(query._2()), query._3()));
      }
      return new UnresolvedWith(with.child(), Scala.seq(queries), with.allowRecursion());
    }
    return node;
  }

  private LogicalPlan table(List<String> parts, @org.jspecify.annotations.Nullable Long version) {
    if (parts.size() != 3) {
      throw SparkFailures.tableNameIncomplete(parts, tables.list());
    }
    TableName name = new TableName(parts.get(0), parts.get(1), parts.get(2));
    TableSnapshot snapshot =
        version == null ? tables.snapshot(name) : tables.snapshot(name, version);
    Seq<String> qualifier = Scala.seq(List.of(name.catalog(), name.schema()));
    return new SubqueryAlias(
        new AliasIdentifier(name.table(), qualifier),
        InternalRows.execution(scans.rows(snapshot)).analyzed());
  }

  private static Dataset<Row> showTables(SparkSession session, TableStore tables) {
    List<Row> rows =
        tables.list().stream()
            .map(t -> RowFactory.create(t.catalog(), t.schema(), t.table()))
            .toList();
    return session
        .createDataFrame(rows, texts("catalog", "schema", "table"))
        .orderBy("catalog", "schema", "table");
  }

  private static Dataset<Row> describe(SparkSession session, TableName name, TableStore tables) {
    List<Row> rows =
        tables.snapshot(name).schema().columns().stream()
            .map(c -> RowFactory.create(c.name(), c.type().sparkName(), c.comment()))
            .toList();
    return session.createDataFrame(rows, texts("col_name", "data_type", "comment"));
  }

  private static StructType texts(String... names) {
    StructType type = new StructType();
    for (String name : names) {
      type = type.add(name, DataTypes.StringType);
    }
    return type;
  }
}
