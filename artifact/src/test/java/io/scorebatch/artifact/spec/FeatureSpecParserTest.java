package io.scorebatch.artifact.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.FeatureTable;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.spec.SpecColumn.Computed;
import io.scorebatch.api.spec.SpecColumn.Looked;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FeatureSpecParserTest {
  private static final String TABLE = "input_tables:\n- c.s.t: {table_id: abc}\n";

  static String sample(String name) {
    try (InputStream in = FeatureSpecParserTest.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static FeatureSpec spec(String yaml) {
    return FeatureSpecParser.parse(yaml, "feature_spec.yaml").spec();
  }

  private static List<String> problems(String yaml) {
    try {
      spec(yaml);
    } catch (ScorebatchException e) {
      return e.problems().stream().map(Problem::message).toList();
    }
    return List.of();
  }

  /** A version 11 file with one feature whose attributes end with the given lines. */
  private static String feature(String attributes) {
    return """
        input_columns:
        - id: {source: training_data}
        - age:
            table_name: c.s.t
            feature_name: age
            lookup_key: [id]
            source: feature_store
        """
        + attributes.indent(4)
        + TABLE
        + "serialization_version: 11\n";
  }

  @Test
  void readsAPlainLookUp() {
    FeatureSpec spec = spec(sample("01_simple_lookup.yaml"));
    assertThat(spec.columns())
        .extracting(SpecColumn::name)
        .containsExactly("user_id", "age", "spend");
    assertThat(spec.modelInputs()).extracting(SpecColumn::name).containsExactly("age", "spend");
    assertThat(spec.requested()).extracting(SpecColumn::name).containsExactly("user_id");
    Looked age = (Looked) spec.find("age").orElseThrow();
    assertThat(age.table()).isEqualTo("ml.dev.user_features");
    assertThat(age.feature()).isEqualTo("age");
    assertThat(age.lookupKey()).containsExactly("user_id");
    assertThat(age.timestampLookupKey()).isNull();
    assertThat(age.defaultValue()).isNull();
    assertThat(age.dataType()).isEqualTo(Primitive.INT);
    assertThat(age.topologicalOrdering()).hasValue(1);
    assertThat(spec.workspaceId()).isEqualTo("1234567890123456");
    assertThat(spec.clientVersion()).isEqualTo("0.18.2");
    assertThat(spec.serializationVersion()).isEqualTo(11);
    assertThat(spec.tables())
        .containsEntry(
            "ml.dev.user_features",
            new FeatureTable("ml.dev.user_features", "11111111-1111-1111-1111-111111111111", null));
  }

  @Test
  void readsRenamedFeaturesOfTwoTables() {
    FeatureSpec spec = spec(sample("02_two_tables_rename.yaml"));
    Looked shop = (Looked) spec.find("shop_spend").orElseThrow();
    assertThat(shop.feature()).isEqualTo("spend");
    assertThat(shop.table()).isEqualTo("ml.dev.shop_features");
    assertThat(spec.modelInputs())
        .extracting(SpecColumn::name)
        .containsExactly("amount", "user_spend", "shop_spend");
  }

  @Test
  void readsAPointInTimeLookUpAndItsLookback() {
    FeatureSpec spec = spec(sample("03_pit_lookback.yaml"));
    assertThat(((Looked) spec.find("bal").orElseThrow()).timestampLookupKey()).isEqualTo("ts");
    assertThat(spec.tables().values())
        .extracting(FeatureTable::lookbackSeconds)
        .containsExactly(86400.0);
  }

  @Test
  void readsDefaultValuesAsText() {
    FeatureSpec spec = spec(sample("04_default_values.yaml"));
    assertThat(spec.columns().stream().filter(Looked.class::isInstance))
        .extracting(c -> ((Looked) c).defaultValue())
        .containsExactly("-1", "unknown", "0.5", "False");
  }

  @Test
  void readsFunctionsAndTheirBindings() {
    FeatureSpec spec = spec(sample("05_on_demand_chain.yaml"));
    Computed d = (Computed) spec.find("d").orElseThrow();
    assertThat(d.function()).isEqualTo("ml.dev.scale");
    assertThat(d.bindings())
        .containsExactly(java.util.Map.entry("x", "rate"), java.util.Map.entry("y", "lat"));
    assertThat(spec.find("g").orElseThrow().include()).isFalse();
    assertThat(spec.functions()).containsExactly("ml.dev.grid", "ml.dev.scale");
  }

  @Test
  void refusesDeclarativeFeaturesByName() {
    assertThatThrownBy(() -> spec(sample("07_declarative_v11.yaml")))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.FEATURE_SPEC_UNSUPPORTED))
        .hasMessageContaining("main.fx.f_mean, main.fx.f_rows")
        .hasMessageContaining("Fix: compute these features into a table");
  }

  @Test
  void refusesInlineDeclarativeFeaturesOfVersion10() {
    assertThat(
            problems(
                """
                input_columns:
                - a: {source: training_data}
                features:
                  f_mean: {inputs: [a]}
                serialization_version: 10
                """))
        .singleElement()
        .asString()
        .contains("declarative features: f_mean");
  }

  @Test
  void takesVersion11WithoutFeaturesAsClassic() {
    assertThat(spec(sample("01_simple_lookup.yaml")).serializationVersion()).isEqualTo(11);
  }

  @Test
  void readsTablesOfTheHiveMetastoreWithTheirCatalog() {
    FeatureSpec spec = spec(sample("08_legacy_v2_hms.yaml"));
    assertThat(((Looked) spec.find("age").orElseThrow()).table())
        .isEqualTo("hive_metastore.db.user_features");
    assertThat(spec.tables()).containsOnlyKeys("hive_metastore.db.user_features");
    assertThat(spec.serializationVersion()).isEqualTo(2);
  }

  @Test
  void readsVersion1WithoutAnyVersion() {
    FeatureSpec spec =
        spec(
            """
            input_columns:
            - id: {source: training_data}
            - x: {table_name: db.t, feature_name: a, lookup_key: [id], output_name: b, source: feature_store}
            """);
    assertThat(spec.serializationVersion()).isEqualTo(1);
    assertThat(spec.columns()).extracting(SpecColumn::name).containsExactly("id", "b");
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4})
  void readsNamesInsideAttributesUpToVersion4(int version) {
    FeatureSpec spec =
        spec(
            """
            input_columns:
            - id: {source: training_data}
            - a: {table_name: db.t, feature_name: a, lookup_key: [id], output_name: b, source: feature_store}
            input_tables:
            - any: {table_name: db.t, table_id: x}
            serialization_version: %d
            """
                .formatted(version));
    assertThat(spec.columns()).extracting(SpecColumn::name).containsExactly("id", "b");
    assertThat(spec.tables()).containsOnlyKeys("hive_metastore.db.t");
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 6, 7, 8, 9, 10, 11})
  void ignoresOutputNamesFromVersion5(int version) {
    String yaml =
        feature("output_name: other")
            .replace("serialization_version: 11", "serialization_version: " + version);
    assertThat(spec(yaml).find("age")).isPresent();
  }

  @Test
  void warnsOfANewerVersionAndReadsItAsItIs() {
    FeatureSpecParser.Parsed parsed =
        FeatureSpecParser.parse(
            feature("some_new_attribute: 5").replace("version: 11", "version: 12"), "f");
    assertThat(parsed.spec().serializationVersion()).isEqualTo(12);
    assertThat(parsed.notes())
        .singleElement()
        .asString()
        .contains("serialization_version 12")
        .contains("up to 11 are known");
  }

  @Test
  void takesQuotedNumbersAndAPlainWorkspace() {
    FeatureSpec spec =
        spec(
            feature("topological_ordering: '3'")
                    .replace("version: 11", "version: '11'")
                    .replace("{table_id: abc}", "{lookback_window: '3600'}")
                + "workspace_id: 77\n");
    assertThat(spec.find("age").orElseThrow().topologicalOrdering()).hasValue(3);
    assertThat(spec.tables().values())
        .extracting(FeatureTable::lookbackSeconds)
        .containsExactly(3600.0);
    assertThat(spec.workspaceId()).isEqualTo("77");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "true", "no", "1.5", "2024-01-01", "0x10", "[a]", "1_000"})
  void refusesADefaultValueThatIsNotText(String value) {
    assertThat(problems(feature("default_value: " + value)))
        .singleElement()
        .asString()
        .startsWith("SB-0303 Column 'age' has the default_value")
        .contains("It must be text: put it in quotes.");
  }

  /** What PyYAML writes without quotes, because to it these are texts. */
  @ParameterizedTest
  @ValueSource(strings = {"'0'", "1e3", "y", "unknown", "\"yes\"", "0o7", "2024-1-1"})
  void takesTextDefaultValues(String value) {
    assertThat(
            ((Looked) spec(feature("default_value: " + value)).find("age").orElseThrow())
                .defaultValue())
        .isEqualTo(value.replaceAll("['\"]", ""));
  }

  @ParameterizedTest
  @ValueSource(strings = {"''", "null", "~", ""})
  void takesAnEmptyDefaultValueAsNone(String value) {
    assertThat(
            ((Looked) spec(feature("default_value: " + value)).find("age").orElseThrow())
                .defaultValue())
        .isNull();
  }

  /** YAML would see booleans, null and numbers in these names. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "y",
        "no",
        "on",
        "1e3",
        "null",
        "~",
        "1.0",
        "0x1F",
        "12:30",
        "2024-01-01",
        "=",
        "<<"
      })
  void takesColumnNamesAsTextWhateverYamlSeesInThem(String name) {
    for (String written : List.of(name, "'" + name + "'")) {
      FeatureSpec spec =
          spec(
              """
              input_columns:
              - %s: {source: training_data}
              - v: {table_name: c.s.t, feature_name: %s, lookup_key: [%s], source: feature_store}
              """
                      .formatted(written, "'" + name + "'", "'" + name + "'")
                  + TABLE
                  + "serialization_version: 9\n");
      assertThat(spec.requested()).extracting(SpecColumn::name).containsExactly(name);
    }
  }

  @Test
  void reportsAllProblemsTogether() {
    String yaml =
        """
        input_columns:
        - a: {source: sparkle}
        - b: {data_type: int}
        - c: {source: feature_store, table_name: nowhere, feature_name: '', lookup_key: []}
        - d: {source: training_data, topological_ordering: -1}
        - d: {source: training_data, include: perhaps}
        - e: {source: on_demand_feature}
        - f: {source: on_demand_feature, udf_name: ML.dev.F}
        - {g: {source: training_data}, h: {source: training_data}}
        - i: 5
        - j:
        - k: {table_name: c.s.used, feature_name: x, lookup_key: [a], timestamp_lookup_key: [t, u], source: feature_store}
        input_tables:
        - c.s.t: {lookback_window: -5}
        - c.s.t: {}
        input_functions:
        - ml.dev.g: {}
        serialization_version: 9
        """;
    assertThat(problems(yaml))
        .allSatisfy(p -> assertThat(p).startsWith("SB-0303 ").contains("feature_spec.yaml"))
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).contains("Column 'a' has the unknown source 'sparkle'"),
            p -> assertThat(p).contains("Column 'b' has no 'source'"),
            p ->
                assertThat(p)
                    .contains("Column 'c' names the table 'nowhere', which is no table name"),
            p -> assertThat(p).contains("Column 'c' has no feature_name"),
            p -> assertThat(p).contains("Column 'c' has no lookup_key"),
            p -> assertThat(p).contains("Column 'd' has the topological_ordering '-1'"),
            p -> assertThat(p).contains("Column 'd' is listed twice"),
            p -> assertThat(p).contains("Column 'd' has include: 'perhaps'"),
            p -> assertThat(p).contains("Column 'e' has no udf_name"),
            p ->
                assertThat(p)
                    .contains("An entry of 'input_columns' is not a mapping with exactly one key"),
            p -> assertThat(p).contains("'i' in 'input_columns' is a whole number"),
            p -> assertThat(p).contains("Column 'j' has no attributes"),
            p -> assertThat(p).contains("Column 'k' has 2 timestamp look-up keys"),
            p -> assertThat(p).contains("Table 'c.s.t' has the lookback_window '-5'"),
            p -> assertThat(p).contains("Table 'c.s.t' is listed twice"),
            p -> assertThat(p).contains("Table 'c.s.used' is used by a column but is not listed"),
            p ->
                assertThat(p)
                    .contains("Table 'c.s.t' is listed in input_tables but no column uses it"),
            p ->
                assertThat(p).contains("Function 'ml.dev.f' is used by a column but is not listed"),
            p ->
                assertThat(p)
                    .contains(
                        "Function 'ml.dev.g' is listed in input_functions but no column uses it"));
  }

  @Test
  void namesTheLineOfAProblem() {
    assertThat(problems("input_columns:\n- a: {source: training_data}\n- b: {source: q}\n"))
        .singleElement()
        .asString()
        .contains("('feature_spec.yaml', line 3)");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "input_columns: []| 'input_columns' is missing or empty",
        "serialization_version: 9| 'input_columns' is missing or empty",
        "input_columns: {a: b}| 'input_columns' is a mapping",
        "'- a'| It holds a list where a mapping belongs",
        "''| It is empty",
        "'a: [1, 2'| The YAML is malformed",
        "'a: !!python/object/apply:os.system [ls]'| refused",
        "'a: 1\nb: *x'| unknown",
        "'a: 1\na: 2'| repeats the key 'a'",
      })
  void refusesFilesThatAreNoSpec(String yaml, String reason) {
    assertThatThrownBy(() -> spec(yaml.replace("\\n", "\n")))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageStartingWith("SB-0303")
        .hasMessageContaining(reason);
  }

  @Test
  void refusesYamlThatGrowsWithoutEnd() {
    StringBuilder bomb = new StringBuilder("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for (int i = 1; i < 12; i++) {
      bomb.append("a").append(i).append(": &a").append(i).append(" [");
      bomb.append(("*a" + (i - 1) + ", ").repeat(10)).append("x]\n");
    }
    assertThatThrownBy(() -> spec(bomb.toString()))
        .hasMessageContaining("holds over 2000000 values");
    assertThatThrownBy(() -> spec("a: " + "[".repeat(100_000)))
        .hasMessageContaining("nests deeper than 100");
    assertThatThrownBy(() -> spec("a: &x [*x]")).hasMessageContaining("unknown");
  }

  @Test
  void followsAliases() {
    FeatureSpec spec =
        spec(
            """
            input_columns:
            - id: {source: training_data}
            - a: {table_name: c.s.t, feature_name: a, lookup_key: &k [id], source: feature_store}
            - b: {table_name: c.s.t, feature_name: b, lookup_key: *k, source: feature_store}
            """
                + TABLE
                + "serialization_version: 11\n");
    assertThat(((Looked) spec.find("b").orElseThrow()).lookupKey()).containsExactly("id");
  }

  @Test
  void refusesLiteralArgumentsInsteadOfDroppingThem() {
    assertThatThrownBy(
            () ->
                spec(
                    """
                    input_columns:
                    - f:
                        udf_name: a.b.c
                        literal_arguments: [{parameter: p, value: {int64_value: '5'}}]
                        source: on_demand_feature
                    """))
        .hasMessageContaining("Column 'f'")
        .hasMessageContaining("literal_arguments");
  }

  @Test
  void readsNestedDataTypes() {
    FeatureSpec spec = spec(feature("data_type: map<string,struct<a:array<int>,b:decimal(10,2)>>"));
    ColumnType type = spec.find("age").orElseThrow().dataType();
    assertThat(type).hasToString("map<string,struct<a:array<int>,b:decimal(10,2)>>");
    assertThat(spec(feature("data_type: interval")).find("age").orElseThrow().dataType()).isNull();
  }
}
