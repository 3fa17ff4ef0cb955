package io.scorebatch.artifact.spec;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.FeatureTable;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.spec.SpecColumn.Computed;
import io.scorebatch.api.spec.SpecColumn.Looked;
import io.scorebatch.api.spec.SpecColumn.Requested;
import io.scorebatch.artifact.yaml.ScalarType;
import io.scorebatch.artifact.yaml.YamlFile;
import io.scorebatch.artifact.yaml.YamlValue;
import io.scorebatch.artifact.yaml.YamlValue.Fields;
import io.scorebatch.artifact.yaml.YamlValue.Items;
import io.scorebatch.artifact.yaml.YamlValue.Scalar;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Parses {@code feature_spec.yaml}: the classic layout of every serialization version. Attributes
 * it does not know are ignored; everything wrong is reported together. One thread at a time.
 */
public final class FeatureSpecParser {
  /** The newest serialization version whose layout is known. */
  static final int NEWEST_VERSION = 11;

  private static final int VERSION_WITH_TABLES = 3;
  private static final int VERSION_WITH_NAMES_AS_KEYS = 5;
  private static final String BUILT_IN = "__builtin__.";

  private final SpecProblems problems;
  private final Map<String, FeatureTable> tables = new LinkedHashMap<>();
  private final Set<String> tablesUsed = new TreeSet<>();
  private final Set<String> functions = new TreeSet<>();
  private final Set<String> functionsUsed = new TreeSet<>();
  private int version = 1;

  /**
   * A spec, and what its reader should know of it.
   *
   * @param spec the spec
   * @param notes a serialization version newer than the known ones
   */
  public record Parsed(FeatureSpec spec, List<String> notes) {
    public Parsed {
      notes = List.copyOf(notes);
    }
  }

  private FeatureSpecParser(String file) {
    this.problems = new SpecProblems(file);
  }

  /**
   * Parses the text of a feature_spec.yaml.
   *
   * @param text the file's content
   * @param file its name, for messages
   * @throws ScorebatchException {@code FEATURE_SPEC_INVALID} with all problems found, {@code
   *     FEATURE_SPEC_UNSUPPORTED} for declarative features, whose definitions no file holds
   */
  public static Parsed parse(String text, String file) {
    Fields root = YamlFile.read(text, file, ErrorCode.FEATURE_SPEC_INVALID);
    return new FeatureSpecParser(file).spec(root);
  }

  private Parsed spec(Fields root) {
    version = whole(root, "serialization_version", "The file").orElse(1);
    refuseDeclarative(root);
    readTables(root);
    readFunctions(root);
    List<SpecColumn> columns = readColumns(root);
    checkTables();
    checkFunctions();
    problems.throwIfAny();
    FeatureSpec spec =
        new FeatureSpec(
            columns,
            tables,
            List.copyOf(functions),
            version,
            text(root, "feature_store_client_version"),
            text(root, "workspace_id"));
    List<String> notes =
        version > NEWEST_VERSION
            ? List.of(
                "feature_spec.yaml has serialization_version "
                    + version
                    + "; up to "
                    + NEWEST_VERSION
                    + " are known. It was read as such; what is new in it was ignored.")
            : List.of();
    return new Parsed(spec, notes);
  }

  private void refuseDeclarative(Fields root) {
    YamlValue features = root.find("features").orElse(null);
    List<String> names = new ArrayList<>();
    if (features instanceof Items items) {
      for (YamlValue item : items.values()) {
        names.add(item instanceof Scalar scalar ? scalar.text() : item.kind());
      }
    } else if (features instanceof Fields fields) {
      names.addAll(fields.values().keySet());
    } else if (features != null) {
      problems.add("'features' is " + features.kind() + " where a list belongs.", "", features);
    }
    if (!names.isEmpty()) {
      throw SpecProblems.declarative(problems.file(), names);
    }
  }

  // ---- tables and functions

  private void readTables(Fields root) {
    YamlValue listed = root.find("input_tables").orElse(null);
    if (version < VERSION_WITH_TABLES || listed == null || isEmptyMapping(listed)) {
      return;
    }
    for (Entry entry : entries(listed, "input_tables")) {
      Fields attributes = entry.attributes();
      String written = entry.name();
      if (version < VERSION_WITH_NAMES_AS_KEYS && attributes != null) {
        written = attributes.text("table_name").orElse(written);
      }
      String name = tableName(written, "Table '" + written + "'", entry.line());
      if (name == null) {
        continue;
      }
      String tableId = attributes == null ? null : text(attributes, "table_id");
      Double lookback = attributes == null ? null : lookback(attributes, name);
      if (tables.put(name, new FeatureTable(name, tableId, lookback)) != null) {
        problems.add("Table '" + name + "' is listed twice in input_tables.", "", entry.line());
      }
    }
  }

  private @Nullable Double lookback(Fields attributes, String table) {
    YamlValue value = attributes.find("lookback_window").orElse(null);
    if (value == null) {
      return null;
    }
    if (value instanceof Scalar scalar) {
      Double seconds = Numbers.decimal(scalar.text());
      if (seconds != null && seconds >= 0) {
        return seconds;
      }
    }
    problems.add(
        "Table '" + table + "' has the lookback_window " + shown(value) + ".",
        "It must be a number of seconds, 0 or more.",
        value);
    return null;
  }

  private void readFunctions(Fields root) {
    YamlValue listed = root.find("input_functions").orElse(null);
    if (version < VERSION_WITH_NAMES_AS_KEYS || listed == null || isEmptyMapping(listed)) {
      return;
    }
    for (Entry entry : entries(listed, "input_functions")) {
      if (entry.name().isEmpty()) {
        problems.add("A function in input_functions has no name.", "", entry.line());
      } else if (!functions.add(entry.name().toLowerCase(Locale.ROOT))) {
        problems.add(
            "Function '" + entry.name() + "' is listed twice in input_functions.",
            "",
            entry.line());
      }
    }
  }

  private void checkTables() {
    if (version < VERSION_WITH_TABLES) {
      for (String table : tablesUsed) {
        tables.put(table, new FeatureTable(table, null, null));
      }
      return;
    }
    for (String table : tablesUsed) {
      if (!tables.containsKey(table)) {
        problems.add(
            "Table '" + table + "' is used by a column but is not listed in input_tables.", "", 0);
      }
    }
    for (String table : tables.keySet()) {
      if (!tablesUsed.contains(table)) {
        problems.add(
            "Table '" + table + "' is listed in input_tables but no column uses it.", "", 0);
      }
    }
  }

  private void checkFunctions() {
    for (String function : functionsUsed) {
      if (!functions.contains(function) && !function.startsWith(BUILT_IN)) {
        problems.add(
            "Function '" + function + "' is used by a column but is not listed in input_functions.",
            "",
            0);
      }
    }
    for (String function : functions) {
      if (!functionsUsed.contains(function)) {
        problems.add(
            "Function '" + function + "' is listed in input_functions but no column uses it.",
            "",
            0);
      }
    }
  }

  // ---- columns

  private List<SpecColumn> readColumns(Fields root) {
    List<SpecColumn> columns = new ArrayList<>();
    YamlValue listed = root.find("input_columns").orElse(null);
    if (listed == null || listed instanceof Items items && items.values().isEmpty()) {
      problems.add("'input_columns' is missing or empty.", "A model needs columns.", 0);
      return columns;
    }
    Set<String> names = new HashSet<>();
    for (Entry entry : entries(listed, "input_columns")) {
      SpecColumn column = column(entry);
      if (column != null) {
        columns.add(column);
        if (!names.add(column.name())) {
          problems.add("Column '" + column.name() + "' is listed twice.", "", entry.line());
        }
      }
    }
    return columns;
  }

  private @Nullable SpecColumn column(Entry entry) {
    Fields attributes = entry.attributes();
    if (attributes == null) {
      problems.add("Column '" + entry.name() + "' has no attributes.", "", entry.line());
      return null;
    }
    String source = attributes.text("source").orElse("");
    boolean produced = source.equals("feature_store") || source.equals("on_demand_feature");
    String name = entry.name();
    if (version < VERSION_WITH_NAMES_AS_KEYS && produced) {
      name = attributes.text("output_name").orElse(name);
    }
    if (name.isEmpty()) {
      problems.add("A column has no name.", "", entry.line());
    }
    Common common =
        new Common(
            name,
            "Column '" + name + "'",
            DataTypes.parse(attributes.text("data_type").orElse("")),
            include(attributes, name),
            whole(attributes, "topological_ordering", "Column '" + name + "'"));
    switch (source) {
      case "training_data":
        return new Requested(name, common.dataType(), common.include(), common.ordering());
      case "feature_store":
        return looked(attributes, common);
      case "on_demand_feature":
        return computed(attributes, common);
      case "":
        problems.add(common.label() + " has no 'source'.", "", entry.line());
        return null;
      default:
        problems.add(
            common.label() + " has the unknown source '" + source + "'.",
            "Known are training_data, feature_store and on_demand_feature.",
            entry.line());
        return null;
    }
  }

  private record Common(
      String name,
      String label,
      io.scorebatch.api.type.@Nullable ColumnType dataType,
      boolean include,
      OptionalInt ordering) {}

  private @Nullable Looked looked(Fields attributes, Common common) {
    String written = required(attributes, "table_name", common.label());
    String table = written == null ? null : tableName(written, common.label(), attributes.line());
    String feature = required(attributes, "feature_name", common.label());
    List<String> key = names(attributes, "lookup_key", common.label());
    if (key.isEmpty()) {
      problems.add(common.label() + " has no lookup_key.", "", attributes.line());
    }
    List<String> timestampKey = names(attributes, "timestamp_lookup_key", common.label());
    if (timestampKey.size() > 1) {
      problems.add(
          common.label() + " has " + timestampKey.size() + " timestamp look-up keys.",
          "At most one is possible.",
          attributes.line());
    }
    if (table != null) {
      tablesUsed.add(table);
    }
    String defaultValue = defaultValue(attributes, common.label());
    if (table == null || feature == null || key.isEmpty()) {
      return null;
    }
    return new Looked(
        common.name(),
        table,
        feature,
        key,
        timestampKey.isEmpty() ? null : timestampKey.get(0),
        defaultValue,
        common.dataType(),
        common.include(),
        common.ordering());
  }

  private @Nullable Computed computed(Fields attributes, Common common) {
    String function = required(attributes, "udf_name", common.label());
    if (attributes.find("literal_arguments").isPresent()) {
      throw SpecProblems.literalArguments(problems.file(), common.name());
    }
    Map<String, String> bindings = new LinkedHashMap<>();
    YamlValue written = attributes.find("input_bindings").orElse(null);
    if (written instanceof Fields fields) {
      fields
          .values()
          .forEach(
              (parameter, value) -> {
                if (value instanceof Scalar scalar && !scalar.text().isEmpty()) {
                  bindings.put(parameter, scalar.text());
                } else {
                  problems.add(
                      common.label() + " binds the parameter '" + parameter + "' to no column.",
                      "",
                      value);
                }
              });
    } else if (written != null && !(written instanceof Items items && items.values().isEmpty())) {
      problems.add(
          common.label() + " has input_bindings that are " + written.kind() + ".",
          "They must be a mapping of parameters to columns.",
          written);
    }
    if (function == null) {
      return null;
    }
    String lower = function.toLowerCase(Locale.ROOT);
    functionsUsed.add(lower);
    return new Computed(
        common.name(), lower, bindings, common.dataType(), common.include(), common.ordering());
  }

  /** Absent and empty both mean that there is no default. */
  private @Nullable String defaultValue(Fields attributes, String label) {
    YamlValue value = attributes.find("default_value").orElse(null);
    if (value == null) {
      return null;
    }
    if (!(value instanceof Scalar scalar) || scalar.type() != ScalarType.TEXT) {
      problems.add(
          label + " has the default_value " + shown(value) + ", which is " + value.kind() + ".",
          "It must be text: put it in quotes.",
          value);
      return null;
    }
    return scalar.text().isEmpty() ? null : scalar.text();
  }

  private boolean include(Fields attributes, String name) {
    YamlValue value = attributes.find("include").orElse(null);
    if (value == null) {
      return true;
    }
    if (value instanceof Scalar scalar) {
      switch (scalar.text().toLowerCase(Locale.ROOT)) {
        case "true", "yes", "on":
          return true;
        case "false", "no", "off":
          return false;
        default:
          break;
      }
    }
    problems.add(
        "Column '" + name + "' has include: " + shown(value) + ".",
        "It must be true or false.",
        value);
    return true;
  }

  // ---- parts

  private record Entry(String name, @Nullable Fields attributes, int line) {}

  /** A list of one-entry mappings. */
  private List<Entry> entries(YamlValue listed, String what) {
    List<Entry> entries = new ArrayList<>();
    if (!(listed instanceof Items items)) {
      problems.add(
          "'" + what + "' is " + listed.kind() + ".",
          "It must be a list of mappings with one entry each.",
          listed);
      return entries;
    }
    for (YamlValue item : items.values()) {
      if (!(item instanceof Fields fields) || fields.values().size() != 1) {
        problems.add("An entry of '" + what + "' is not a mapping with exactly one key.", "", item);
        continue;
      }
      Map.Entry<String, YamlValue> only = fields.values().entrySet().iterator().next();
      YamlValue value = only.getValue();
      if (!(value instanceof Fields) && !(value instanceof Scalar scalar && scalar.isNull())) {
        problems.add(
            "'" + only.getKey() + "' in '" + what + "' is " + value.kind() + ".",
            "It must be a mapping of attributes.",
            value);
        continue;
      }
      entries.add(
          new Entry(
              only.getKey(), value instanceof Fields attributes ? attributes : null, item.line()));
    }
    return entries;
  }

  private static boolean isEmptyMapping(YamlValue value) {
    return value instanceof Fields fields && fields.values().isEmpty();
  }

  private @Nullable String required(Fields attributes, String key, String label) {
    YamlValue value = attributes.find(key).orElse(null);
    if (value instanceof Scalar scalar && !scalar.text().isEmpty()) {
      return scalar.text();
    }
    problems.add(
        label + " has no " + key + ".",
        value == null ? "" : "It is " + shown(value) + ".",
        value == null ? attributes : value);
    return null;
  }

  private List<String> names(Fields attributes, String key, String label) {
    List<String> names = new ArrayList<>();
    YamlValue value = attributes.find(key).orElse(null);
    if (value instanceof Items items) {
      for (YamlValue item : items.values()) {
        if (item instanceof Scalar scalar && !scalar.text().isEmpty()) {
          names.add(scalar.text());
        } else {
          problems.add(label + " has an unnamed column in its " + key + ".", "", item);
        }
      }
    } else if (value != null) {
      problems.add(
          label + " has a " + key + " that is " + value.kind() + ".",
          "It must be a list of columns.",
          value);
    }
    return names;
  }

  private OptionalInt whole(Fields attributes, String key, String label) {
    YamlValue value = attributes.find(key).orElse(null);
    if (value == null) {
      return OptionalInt.empty();
    }
    if (value instanceof Scalar scalar) {
      Integer number = Numbers.whole(scalar.text());
      if (number != null) {
        return OptionalInt.of(number);
      }
    }
    problems.add(
        label + " has the " + key + " " + shown(value) + ".",
        "It must be a whole number, 0 or more.",
        value);
    return OptionalInt.empty();
  }

  private static @Nullable String text(Fields attributes, String key) {
    return attributes.text(key).orElse(null);
  }

  /** Two parts are a table of the Hive metastore, which today's names show as a catalog. */
  private @Nullable String tableName(String written, String label, int line) {
    String name = TableNames.resolve(written);
    if (name == null) {
      problems.add(
          label + " names the table '" + written + "', which is no table name.",
          "It must be catalog.schema.table, or schema.table of the Hive metastore.",
          line);
    }
    return name;
  }

  private static String shown(YamlValue value) {
    return value instanceof Scalar scalar ? "'" + scalar.text() + "'" : value.kind();
  }
}
