package io.scorebatch.table.delta;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.type.ColumnType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PartitionTextTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          timestamp     | 2024-03-10T10:00:00.000000Z      | 2024-03-10T10:00:00.000000Z
          timestamp     | 2024-03-10T10:00:00Z             | 2024-03-10T10:00:00.000000Z
          timestamp     | 2024-03-10 10:00:00              | 2024-03-10T10:00:00.000000Z
          timestamp     | 2024-03-10 10:00:00.5            | 2024-03-10T10:00:00.500000Z
          timestamp     | 2024-03-10T10:00:00.123456+02:00 | 2024-03-10T08:00:00.123456Z
          timestamp     | 2024-03-10T10:00:00-03:00        | 2024-03-10T13:00:00.000000Z
          timestamp     | 1969-12-31 23:59:59.999999       | 1969-12-31T23:59:59.999999Z
          timestamp     | 2024-03-10                       | 2024-03-10T00:00:00.000000Z
          timestamp_ntz | 2024-03-10 10:00:00              | 2024-03-10 10:00:00.000000
          decimal(10,2) | 5                                | 5.00
          decimal(10,2) | 5.00                             | 5.00
          decimal(10,2) | -0.50                            | -0.50
          decimal(10,2) | 5.000                            | 5.00
          decimal(38,0) | 1E+3                             | 1000
          date          | 2024-03-10                       | 2024-03-10
          boolean       | True                             | true
          int           | 007                              | 7
          bigint        | -9223372036854775808             | -9223372036854775808
          double        | NaN                              | NaN
          string        | a/b c                            | a/b c
          """)
  void everyFormBecomesTheOneForm(String type, String text, String expected) {
    assertThat(PartitionText.canonical(text, ColumnType.parse(type).orElseThrow()))
        .isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          decimal(10,2) | 5.005
          decimal(10,2) | five
          timestamp     | yesterday
          date          | 2024-13-01
          boolean       | 1
          int           | 1.5
          """)
  void valueOfAnotherTypeIsRefused(String type, String text) {
    ColumnType parsed = ColumnType.parse(type).orElseThrow();

    assertThatThrownBy(() -> PartitionText.canonical(text, parsed))
        .isInstanceOf(RuntimeException.class);
  }

  @Test
  void emptyTextIsNull() {
    assertThat(PartitionText.canonical("", ColumnType.Primitive.STRING)).isNull();
    assertThat(PartitionText.canonical(null, ColumnType.Primitive.DATE)).isNull();
  }
}
