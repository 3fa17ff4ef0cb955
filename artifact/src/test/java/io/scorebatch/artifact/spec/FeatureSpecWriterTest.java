package io.scorebatch.artifact.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.FeatureTable;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.spec.SpecColumn.Computed;
import io.scorebatch.api.spec.SpecColumn.Looked;
import io.scorebatch.api.spec.SpecColumn.Requested;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureSpecWriterTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "01_simple_lookup.yaml",
        "02_two_tables_rename.yaml",
        "03_pit_lookback.yaml",
        "04_default_values.yaml",
        "05_on_demand_chain.yaml",
        "06_exclude_columns.yaml"
      })
  void writesByteForByteWhatThePythonClientWrote(String name) {
    String text = FeatureSpecParserTest.sample(name);
    assertThat(FeatureSpecWriter.write(FeatureSpecParser.parse(text, name).spec())).isEqualTo(text);
  }

  @Test
  void writesOlderFilesInTodaysLayout() {
    FeatureSpec old =
        FeatureSpecParser.parse(FeatureSpecParserTest.sample("08_legacy_v2_hms.yaml"), "f").spec();
    String written = FeatureSpecWriter.write(old);
    assertThat(written)
        .contains("    table_name: db.user_features\n")
        .contains("input_tables:\n- db.user_features: {}\n")
        .endsWith("serialization_version: 5\n");
    assertThat(FeatureSpecParser.parse(written, "f").spec().columns()).isEqualTo(old.columns());
  }

  @ParameterizedTest
  @CsvSource({
    "86400, 86400.0",
    "0.5, 0.5",
    "1e20, 1.0e+20",
    "1e-7, 1.0e-07",
    "1e16, 1.0e+16",
    "0, 0.0",
    "0.0001, 0.0001",
    "123456789012345680, 1.2345678901234568e+17",
    "3.3, 3.3",
    "1e15, 1000000000000000.0"
  })
  void writesNumbersAsPythonDoes(double number, String text) {
    assertThat(Numbers.text(number)).isEqualTo(text);
  }

  @Property(tries = 500)
  void writesWhatReadsBackTheSame(@ForAll("specs") FeatureSpec spec) {
    String written = FeatureSpecWriter.write(spec);
    assertThat(FeatureSpecParser.parse(written, "f").spec()).isEqualTo(spec);
  }

  @Provide
  Arbitrary<FeatureSpec> specs() {
    Arbitrary<String> odd =
        Arbitraries.of(
            "y",
            "no",
            "1e3",
            "null",
            "~",
            "0",
            "- x",
            "a: b",
            "a #b",
            " lead",
            "trail ",
            "#x",
            "'q'",
            "\"q\"",
            "a\nb",
            "tab\there",
            "Grüße",
            "東京",
            "🙂",
            "?",
            "-",
            "a:",
            "\u2028",
            "\\",
            "@x",
            "x".repeat(140),
            "-.inf",
            "2024-01-01",
            "12:30:00",
            "\u0000",
            "\u0085",
            "{a}",
            "[b]",
            "%d");
    Arbitrary<String> names =
        Arbitraries.oneOf(
            odd,
            Arbitraries.strings()
                .ofMinLength(1)
                .ofMaxLength(12)
                .filter(s -> s.codePoints().noneMatch(c -> c >= 0xd800 && c < 0xe000)),
            Arbitraries.strings().ascii().ofMinLength(1).ofMaxLength(12));
    Arbitrary<Boolean> flags = Arbitraries.of(true, false);
    return net.jqwik.api.Combinators.combine(
            names.list().uniqueElements().ofMinSize(4).ofMaxSize(4),
            names,
            flags,
            Arbitraries.doubles().between(0, 1e12))
        .as(FeatureSpecWriterTest::spec);
  }

  private static FeatureSpec spec(List<String> names, String value, boolean flag, double lookback) {
    List<SpecColumn> columns = new ArrayList<>();
    columns.add(new Requested(names.get(0), Primitive.LONG, flag, OptionalInt.of(0)));
    columns.add(
        new Looked(
            names.get(1),
            flag ? "hive_metastore.db.t" : "c.s.t",
            value,
            List.of(names.get(0), value),
            flag ? value : null,
            value,
            flag ? Primitive.DOUBLE : null,
            !flag,
            flag ? OptionalInt.of(2) : OptionalInt.empty()));
    Map<String, String> bindings = new LinkedHashMap<>();
    bindings.put(names.get(2), names.get(0));
    columns.add(new Computed(names.get(3), "c.s.f", bindings, null, true, OptionalInt.empty()));
    String table = flag ? "hive_metastore.db.t" : "c.s.t";
    return new FeatureSpec(
        columns,
        Map.of(table, new FeatureTable(table, flag ? value : null, flag ? lookback : null)),
        List.of("c.s.f"),
        11,
        flag ? "0.18.2" : null,
        flag ? "1" : null);
  }
}
