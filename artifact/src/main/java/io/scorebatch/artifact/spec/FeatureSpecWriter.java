package io.scorebatch.artifact.spec;

import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.FeatureTable;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.spec.SpecColumn.Computed;
import io.scorebatch.api.spec.SpecColumn.Looked;
import io.scorebatch.artifact.yaml.YamlText;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes {@code feature_spec.yaml} in the layout of serialization version 5 and later, byte for
 * byte as the Python client does. Older specs are written in that layout with their version raised
 * to the oldest that has what they use.
 */
public final class FeatureSpecWriter {
  private static final int OLDEST_WRITTEN = 5;
  private static final int VERSION_WITH_DATA_TYPES = 7;
  private static final int VERSION_WITH_ORDERING = 8;
  private static final int VERSION_WITH_FRACTIONS = 9;

  private final StringBuilder out = new StringBuilder();

  private FeatureSpecWriter() {}

  /** The text of a feature_spec.yaml, to be stored as UTF-8. Reads back as the same spec. */
  public static String write(FeatureSpec spec) {
    return new FeatureSpecWriter().file(spec);
  }

  private String file(FeatureSpec spec) {
    int version = version(spec);
    out.append("input_columns:\n");
    for (SpecColumn column : spec.columns()) {
      column(column);
    }
    scalar("", "workspace_id", spec.workspaceId());
    scalar("", "feature_store_client_version", spec.clientVersion());
    if (!spec.tables().isEmpty()) {
      out.append("input_tables:\n");
      new TreeMap<>(spec.tables()).values().forEach(table -> table(table, version));
    }
    if (!spec.functions().isEmpty()) {
      out.append("input_functions:\n");
      for (String function : spec.functions().stream().sorted().toList()) {
        out.append("- ").append(YamlText.scalar(function)).append(": {}\n");
      }
    }
    out.append("serialization_version: ").append(version).append('\n');
    return out.toString();
  }

  private static int version(FeatureSpec spec) {
    int needed = OLDEST_WRITTEN;
    for (SpecColumn column : spec.columns()) {
      if (column.dataType() != null) {
        needed = Math.max(needed, VERSION_WITH_DATA_TYPES);
      }
      if (column.topologicalOrdering().isPresent()) {
        needed = Math.max(needed, VERSION_WITH_ORDERING);
      }
    }
    for (FeatureTable table : spec.tables().values()) {
      if (table.lookbackSeconds() != null) {
        needed = Math.max(needed, VERSION_WITH_FRACTIONS);
      }
    }
    return spec.serializationVersion() >= OLDEST_WRITTEN ? spec.serializationVersion() : needed;
  }

  private void column(SpecColumn column) {
    String name = YamlText.scalar(column.name());
    out.append(
        name.length() > YamlText.LONGEST_SIMPLE_KEY
            ? "- ? " + name + "\n  :"
            : "- " + name + ":\n");
    boolean explicit = name.length() > YamlText.LONGEST_SIMPLE_KEY;
    int start = out.length();
    String source = "training_data";
    if (column instanceof Looked looked) {
      looked(looked);
      source = "feature_store";
    } else if (column instanceof Computed computed) {
      computed(computed);
      source = "on_demand_feature";
    }
    if (column.dataType() != null) {
      scalar("    ", "data_type", column.dataType().sparkName());
    }
    if (!column.include()) {
      out.append("    include: false\n");
    }
    column
        .topologicalOrdering()
        .ifPresent(order -> out.append("    topological_ordering: ").append(order).append('\n'));
    scalar("    ", "source", source);
    if (explicit) {
      // The first attribute follows the colon: "  : table_name: …".
      out.delete(start, start + 3);
    }
  }

  private void looked(Looked looked) {
    scalar("    ", "table_name", TableNames.written(looked.table()));
    scalar("    ", "feature_name", looked.feature());
    list("lookup_key", looked.lookupKey());
    if (looked.timestampLookupKey() != null) {
      list("timestamp_lookup_key", List.of(looked.timestampLookupKey()));
    }
    scalar("    ", "default_value", looked.defaultValue());
  }

  private void computed(Computed computed) {
    scalar("    ", "udf_name", computed.function());
    if (!computed.bindings().isEmpty()) {
      out.append("    input_bindings:\n");
      computed.bindings().forEach((parameter, column) -> scalar("      ", parameter, column));
    }
  }

  private void table(FeatureTable table, int version) {
    List<String> attributes = new ArrayList<>();
    if (table.tableId() != null) {
      attributes.add("table_id: " + YamlText.scalar(table.tableId()));
    }
    Double lookback = table.lookbackSeconds();
    if (lookback != null) {
      boolean whole = version < VERSION_WITH_FRACTIONS && lookback == Math.rint(lookback);
      String seconds = Numbers.text(lookback);
      attributes.add(
          "lookback_window: "
              + (whole && seconds.endsWith(".0")
                  ? seconds.substring(0, seconds.length() - 2)
                  : seconds));
    }
    out.append("- ").append(YamlText.scalar(TableNames.written(table.name())));
    out.append(attributes.isEmpty() ? ": {}\n" : ":\n");
    for (String attribute : attributes) {
      out.append("    ").append(attribute).append('\n');
    }
  }

  private void list(String key, Collection<String> values) {
    out.append("    ").append(key).append(":\n");
    for (String value : values) {
      out.append("    - ").append(YamlText.scalar(value)).append('\n');
    }
  }

  private void scalar(String indent, String key, @Nullable String value) {
    if (value != null) {
      out.append(indent)
          .append(YamlText.scalar(key))
          .append(": ")
          .append(YamlText.scalar(value))
          .append('\n');
    }
  }
}
