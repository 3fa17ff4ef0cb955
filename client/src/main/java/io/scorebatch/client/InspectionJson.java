package io.scorebatch.client;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.model.Labels;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.registry.RegisteredVersions;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.spec.FeatureSpec;
import io.scorebatch.api.spec.SpecColumn;
import java.util.Locale;
import java.util.TreeMap;

/** What a model is, for programs. Keys are stable; {@code format_version} 1. */
public final class InspectionJson {
  private static final JsonMapper JSON = new JsonMapper();

  private InspectionJson() {}

  /** The inspection as JSON text, ending with a line break. */
  public static String print(Inspection found) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format_version", 1);
    ResolvedModel resolved = found.resolved();
    root.put("model_uri", resolved.uri());
    root.put("model_name", resolved.name());
    resolved.version().ifPresent(version -> root.put("model_version", version));
    root.put("folder", resolved.folder().toString());
    root.put("run_id", resolved.runId());
    root.put("model_id", resolved.modelId());
    found.versions().ifPresent(versions -> write(root, versions));
    root.put("support", found.support().name().toLowerCase(Locale.ROOT));
    root.put("why", found.why());
    found.verdict().ifPresent(verdict -> root.put("parity", verdict.name()));
    found.model().ifPresent(model -> write(root, found, model));
    return root.toPrettyString() + System.lineSeparator();
  }

  private static void write(ObjectNode root, RegisteredVersions versions) {
    ArrayNode numbers = root.putArray("versions");
    versions.versions().forEach(numbers::add);
    ObjectNode aliases = root.putObject("aliases");
    new TreeMap<>(versions.aliases()).forEach(aliases::put);
  }

  private static void write(ObjectNode root, Inspection found, ModelPackage model) {
    root.put("library", model.model().origin().library());
    root.put("library_version", model.model().origin().version());
    root.put("format", model.model().origin().format());
    root.put("class", model.model().origin().className());
    ArrayNode structure = root.putArray("structure");
    found.structure().forEach(structure::add);
    root.put("task", model.model().task().name().toLowerCase(Locale.ROOT));
    ArrayNode kinds = root.putArray("output_kinds");
    model.model().outputKinds().stream().map(OutputKind::configName).sorted().forEach(kinds::add);
    root.put("predict", model.pythonOutput().map(OutputKind::configName).orElse(null));
    model
        .model()
        .labels()
        .ifPresent(
            labels -> {
              root.put("label_type", labels.type().sparkName());
              labels.values().forEach(root.withArray("classes")::addPOJO);
            });
    for (Labels labels : model.model().outputLabels()) {
      ObjectNode output = root.withArray("classes_of_outputs").addObject();
      output.put("label_type", labels.type().sparkName());
      labels.values().forEach(output.withArray("classes")::addPOJO);
    }
    ArrayNode inputs = root.putArray("inputs");
    found.inputs().forEach((name, type) -> inputs.addObject().put("name", name).put("type", type));
    root.put("names_known", model.model().namesKnown());
    model.featureSpec().ifPresent(spec -> write(root.putObject("feature_spec"), spec));
    root.put("size_bytes", model.sizeBytes());
    root.put("digest", model.digest());
    ArrayNode notes = root.putArray("notes");
    model.notes().forEach(notes::add);
  }

  private static void write(ObjectNode root, FeatureSpec spec) {
    ArrayNode keys = root.putArray("keys");
    spec.requested().forEach(column -> keys.add(column.name()));
    ArrayNode lookups = root.putArray("lookups");
    ArrayNode functions = root.putArray("functions");
    for (SpecColumn column : spec.columns()) {
      if (column instanceof SpecColumn.Looked looked) {
        ObjectNode lookup = lookups.addObject();
        lookup.put("name", looked.name()).put("table", looked.table());
        lookup.put("feature", looked.feature());
        looked.lookupKey().forEach(lookup.putArray("lookup_key")::add);
        lookup.put("timestamp_lookup_key", looked.timestampLookupKey());
        lookup.put("default_value", looked.defaultValue());
      } else if (column instanceof SpecColumn.Computed computed) {
        ObjectNode function = functions.addObject();
        function.put("name", computed.name()).put("function", computed.function());
        computed.bindings().forEach(function.putObject("bindings")::put);
      }
    }
  }
}
