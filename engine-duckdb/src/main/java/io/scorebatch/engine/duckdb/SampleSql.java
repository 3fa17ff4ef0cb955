package io.scorebatch.engine.duckdb;

import io.scorebatch.api.plan.Sample;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.engine.duckdb.JoinedRows.Cell;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/** A sample in SQL, around the rows it is taken of: see {@link Sample}. */
final class SampleSql {
  /** Hexadecimal digits that a share looks at. */
  private static final int DIGITS = 15;

  private SampleSql() {}

  /** The rows of a sample. Rows of one key are told apart by the other columns of the keys. */
  static String of(Sample sample, JoinedRows rows) {
    String order = order(sample, rows);
    String live = "SELECT " + String.join(", ", rows.live()) + " FROM (";
    if (sample.size() instanceof Sample.Share share) {
      return live + rows.sql() + ") WHERE " + below(order, share.share());
    }
    long count = ((Sample.Rows) sample.size()).count();
    List<String> by = new ArrayList<>();
    by.add("_order");
    sample.keys().forEach(key -> by.add(rows.cell(key).alias()));
    rows.keyAliases().stream().filter(alias -> !by.contains(alias)).forEach(by::add);
    String sorted = " ORDER BY " + String.join(", ", by);
    String all = live + "SELECT *, " + order + " AS _order FROM (" + rows.sql() + "))";
    return sample
        .stratum()
        .map(
            stratum ->
                all
                    + " QUALIFY row_number() OVER (PARTITION BY "
                    + rows.cell(stratum).alias()
                    + sorted
                    + ") <= "
                    + count)
        .orElseGet(() -> all + sorted + " LIMIT " + count);
  }

  private static String below(String order, double share) {
    BigDecimal places = BigDecimal.valueOf(16).pow(DIGITS);
    BigDecimal limit = new BigDecimal(share).multiply(places).setScale(0, RoundingMode.FLOOR);
    return limit.compareTo(places) >= 0
        ? "true"
        : "left("
            + order
            + ", "
            + DIGITS
            + ") < "
            + Sql.text(String.format("%0" + DIGITS + "x", limit.toBigIntegerExact()));
  }

  private static String order(Sample sample, JoinedRows rows) {
    StringBuilder text = new StringBuilder(Sql.text(Long.toString(sample.seed())));
    for (String key : sample.keys()) {
      text.append(" || '|' || coalesce(").append(text(rows.cell(key), key)).append(", '\\N')");
    }
    return "md5(" + text + ")";
  }

  private static String text(Cell key, String name) {
    String value = key.alias();
    ColumnType type = key.type();
    if (type == Primitive.TIMESTAMP || type == Primitive.TIMESTAMP_NTZ) {
      return Sql.cast("epoch_us(" + value + ")", Primitive.STRING);
    }
    if (type == Primitive.STRING) {
      return "replace(replace(" + value + ", '\\', '\\\\'), '|', '\\|')";
    }
    if (type instanceof Decimal decimal) {
      return Sql.decimalText(value, decimal);
    }
    if (type.isInteger() || type == Primitive.BOOLEAN || type == Primitive.DATE) {
      return Sql.cast(value, Primitive.STRING);
    }
    throw EngineFailures.notSampled(name, type);
  }
}
