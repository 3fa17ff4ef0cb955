package io.scorebatch.engine.duckdb;

import io.scorebatch.api.engine.LookupEvidence;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.engine.duckdb.JoinedRows.Cell;
import io.scorebatch.engine.duckdb.JoinedRows.Matched;
import java.util.ArrayList;
import java.util.List;

/** What each look-up found for a row, as columns over the joined rows. */
final class EvidenceSql {
  /** Reads the n-th look-up, counted from 1, out of a column {@code feature_evidence}. */
  static final String MACRO =
      """
      CREATE MACRO memory.main.lookup_evidence(evidence, n) AS
        CASE WHEN evidence >> (4 * (n - 1)) & 2 <> 0 THEN 'null value'
          WHEN evidence >> (4 * (n - 1)) & 1 <> 0 THEN 'matched'
          WHEN evidence >> (4 * (n - 1)) & 8 <> 0 THEN 'stale'
          WHEN evidence IS NOT NULL THEN 'missing' END
        || CASE WHEN evidence >> (4 * (n - 1)) & 4 <> 0 THEN ', defaulted' ELSE '' END
      """;

  private static final String COLUMN = "_e";

  private final ScoringPlan plan;
  private final JoinedRows rows;

  EvidenceSql(ScoringPlan plan, JoinedRows rows) {
    this.plan = plan;
    this.rows = rows;
  }

  /** A name for each BIGINT of evidence; none where nothing is looked up. */
  List<String> columns() {
    List<String> columns = new ArrayList<>();
    for (int i = 0; i * LookupEvidence.LOOKUPS < lookups().size(); i++) {
      columns.add(COLUMN + i);
    }
    return columns;
  }

  /** The joined rows with their evidence. */
  String select() {
    List<String> all = new ArrayList<>(rows.live());
    for (String column : columns()) {
      int first = (all.size() - rows.live().size()) * LookupEvidence.LOOKUPS;
      all.add(bits(first) + " AS " + column);
    }
    return "SELECT " + String.join(", ", all) + " FROM (" + rows.sql() + ")";
  }

  /** The look-ups in the plan's order: the order of their bits. */
  List<Matched> lookups() {
    List<Matched> inOrder = new ArrayList<>();
    plan.steps()
        .forEach(
            step ->
                rows.lookups().stream()
                    .filter(matched -> matched.lookup().equals(step))
                    .findFirst()
                    .ifPresent(inOrder::add));
    return inOrder;
  }

  /** The look-ups that have a point in time. */
  List<Matched> moments() {
    return lookups().stream().filter(matched -> matched.moment().isPresent()).toList();
  }

  private String bits(int first) {
    List<String> parts = new ArrayList<>();
    List<Matched> all = lookups();
    int end = Math.min(all.size(), first + LookupEvidence.LOOKUPS);
    for (int i = first; i < end; i++) {
      long place = 1L << LookupEvidence.BITS * (i - first);
      parts.add(Sql.cast(code(all.get(i)), Primitive.LONG) + " * " + place);
    }
    return String.join(" + ", parts);
  }

  private String code(Matched matched) {
    List<String> nulls = new ArrayList<>();
    List<String> replaced = new ArrayList<>();
    for (Lookup.Feature feature : matched.lookup().features()) {
      Cell cell = rows.cell(feature.output());
      nulls.add(cell.alias() + " IS NULL");
      boolean hasDefault =
          plan.inputs().stream()
              .anyMatch(i -> i.defaultValue() != null && rows.cell(i.column()).equals(cell));
      if (hasDefault) {
        replaced.add(Defaults.replaces(cell.alias(), cell.type()));
      }
    }
    int found = LookupEvidence.MATCHED;
    String whole = "WHEN " + matched.flag().orElse("true");
    String ofFound =
        "CASE WHEN "
            + String.join(" OR ", nulls)
            + " THEN "
            + (found + LookupEvidence.NULL_VALUE)
            + " ELSE "
            + found
            + " END";
    String stale =
        matched.stale().map(s -> " WHEN " + s + " THEN " + LookupEvidence.STALE).orElse("");
    String defaulted =
        replaced.isEmpty()
            ? ""
            : " + CASE WHEN "
                + String.join(" OR ", replaced)
                + " THEN "
                + LookupEvidence.DEFAULTED
                + " ELSE 0 END";
    return "CASE " + whole + " THEN " + ofFound + stale + " ELSE 0 END" + defaulted;
  }
}
