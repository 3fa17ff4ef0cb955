package io.scorebatch.table.delta;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.table.ColumnStatistics;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StatisticsJsonTest {
  private static String of(@Nullable Object min, @Nullable Object max) {
    StagedFile file =
        new StagedFile(
            Path.of("x.parquet"), 1, 3, Map.of(), Map.of("c", new ColumnStatistics(min, max, 1)));
    return StatisticsJson.of(file, Schema.of(Column.of("c", Primitive.STRING)));
  }

  private static String bounds(String min, String max) {
    return "{\"numRecords\":3,\"minValues\":{\"c\":"
        + min
        + "},\"maxValues\":{\"c\":"
        + max
        + "},\"nullCount\":{\"c\":1}}";
  }

  private static final String NO_BOUNDS =
      "{\"numRecords\":3,\"minValues\":{},\"maxValues\":{},\"nullCount\":{\"c\":1}}";

  @Test
  void valuesAreWrittenAsDeltaWantsThem() {
    assertThat(of(1L, Long.MAX_VALUE)).isEqualTo(bounds("1", "9223372036854775807"));
    assertThat(of(-0.5, 1e300)).isEqualTo(bounds("-0.5", "1.0E300"));
    assertThat(of(new BigDecimal("-0.50"), new BigDecimal("12345678901234567890.12")))
        .isEqualTo(bounds("-0.50", "12345678901234567890.12"));
    assertThat(of(LocalDate.of(2024, 3, 10), LocalDate.of(2024, 3, 11)))
        .isEqualTo(bounds("\"2024-03-10\"", "\"2024-03-11\""));
    assertThat(of("a", "b\"")).isEqualTo(bounds("\"a\"", "\"b\\\"\""));
  }

  @Test
  void instantsAreWidenedToWholeMilliseconds() {
    Instant instant = Instant.parse("2024-03-10T10:00:00.123456Z");

    assertThat(of(instant, instant))
        .isEqualTo(bounds("\"2024-03-10T10:00:00.123Z\"", "\"2024-03-10T10:00:00.124Z\""));
    Instant early = Instant.parse("1969-12-31T23:59:59.999500Z");
    assertThat(of(early, early))
        .isEqualTo(bounds("\"1969-12-31T23:59:59.999Z\"", "\"1970-01-01T00:00:00.000Z\""));
  }

  @Test
  void boundsNobodyMaySkipByAreLeftOut() {
    assertThat(of(Double.NaN, Double.NaN)).isEqualTo(NO_BOUNDS);
    assertThat(of(Double.NEGATIVE_INFINITY, Double.POSITIVE_INFINITY)).isEqualTo(NO_BOUNDS);
    assertThat(of(false, true)).isEqualTo(NO_BOUNDS);
    assertThat(of(null, null)).isEqualTo(NO_BOUNDS);
  }

  @Test
  void longTextsAreCutSoThatTheBoundHolds() {
    String text = "x".repeat(40);
    String last = Character.toString(Character.MAX_CODE_POINT);

    assertThat(of(text, text))
        .isEqualTo(bounds('"' + "x".repeat(32) + '"', '"' + "x".repeat(32) + last + '"'));
    String awkward = "x".repeat(32) + last + "tail";
    assertThat(of(awkward, awkward))
        .contains("\"maxValues\":{\"c\":\"" + "x".repeat(32) + last + last + "\"}");
    String faces = "\uD83D\uDE00".repeat(33);
    assertThat(of(faces, faces)).contains("{\"c\":\"" + "\uD83D\uDE00".repeat(32) + "\"}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"numRecords\":7}",
        "{\"minValues\":{\"x\":NaN},\"maxValues\":{\"x\":Infinity},\"numRecords\":7}",
        "{\"maxValues\":{\"x\":\"Infinity\",\"y\":{\"z\":[1]}},\"numRecords\":7,\"more\":-INF}",
        "{\"minValues\":{\"x\":-Infinity},\"numRecords\":7}"
      })
  void rowCountIsReadWhateverTheBounds(String json) {
    assertThat(StatisticsJson.rows(json)).hasValue(7);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "{\"numRecords\":\"7\"}", "{\"numRec", "null"})
  void rowCountThatIsNotThereIsUnknown(String json) {
    assertThat(StatisticsJson.rows(json)).isEmpty();
  }
}
