package io.scorebatch.report;

import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static io.scorebatch.api.type.ColumnType.Primitive.TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scorebatch.api.type.Column;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RowPrinterTest {
  private static final List<Column> COLUMNS =
      List.of(
          Column.of("id", LONG),
          Column.of("name", STRING),
          Column.of("score", DOUBLE),
          Column.of("at", TIMESTAMP));

  private static String print(
      Function<PrintStream, RowPrinter> format, List<List<@Nullable Object>> rows) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (RowPrinter printer = format.apply(new PrintStream(bytes, false, StandardCharsets.UTF_8))) {
      printer.columns(COLUMNS);
      rows.forEach(printer::row);
    }
    return bytes.toString(StandardCharsets.UTF_8);
  }

  private static List<@Nullable Object> row(@Nullable Object... values) {
    return Arrays.asList(values);
  }

  @Test
  void csvTellsNullFromEmptyAndQuotesWhatNeedsIt() {
    String csv =
        print(
            CsvRowPrinter::new,
            List.of(
                row(9007199254740993L, "a \"b\", c", 0.1, Instant.EPOCH),
                row(null, "", Double.NaN, null)));
    assertThat(csv)
        .isEqualTo(
            "id,name,score,at\r\n"
                + "9007199254740993,\"a \"\"b\"\", c\",0.1,1970-01-01T00:00:00Z\r\n"
                + ",\"\",NaN,\r\n");
  }

  @Test
  void jsonIsOneArrayOfObjects() throws IOException {
    String json =
        print(
            JsonRowPrinter::new,
            List.of(row(1L, "é", 1e-300, null), row(2L, null, Double.POSITIVE_INFINITY, null)));
    JsonNode rows = new ObjectMapper().readTree(json);
    assertThat(rows).hasSize(2);
    assertThat(rows.get(0).get("score").asDouble()).isEqualTo(1e-300);
    assertThat(rows.get(0).get("name").asText()).isEqualTo("é");
    assertThat(rows.get(1).get("name").isNull()).isTrue();
    assertThat(rows.get(1).get("score").asText()).isEqualTo("Infinity");
  }

  @Test
  void jsonPrintsNestedValues() throws IOException {
    String json =
        print(JsonRowPrinter::new, List.of(row(1L, Map.of("low", 0.25), List.of(1, 2), null)));
    JsonNode rows = new ObjectMapper().readTree(json);
    assertThat(rows.get(0).get("name").get("low").asDouble()).isEqualTo(0.25);
    assertThat(rows.get(0).get("score").get(1).asInt()).isEqualTo(2);
  }

  @Test
  void tableAlignsNumbersRightAndCountsRows() {
    String table =
        print(TableRowPrinter::new, List.of(row(1L, "a\nb", 0.5, null), row(20L, null, 1.0, null)));
    assertThat(table.lines().toList())
        .containsExactly(
            "id  name  score  at",
            "--  ----  -----  ----",
            " 1  a b     0.5  NULL",
            "20  NULL    1.0  NULL",
            "(2 rows)");
  }

  @Test
  void aResultWithoutRowsStillHasItsHeader() {
    assertThat(print(TableRowPrinter::new, List.of()).lines().toList())
        .containsExactly("id  name  score  at", "--  ----  -----  --", "(0 rows)");
    assertThat(print(CsvRowPrinter::new, List.of())).isEqualTo("id,name,score,at\r\n");
    assertThat(print(JsonRowPrinter::new, List.of()).strip()).isEqualTo("[\n]");
  }
}
