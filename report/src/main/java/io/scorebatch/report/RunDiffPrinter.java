package io.scorebatch.report;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.report.RecordedRun.Model;
import io.scorebatch.report.RunDiff.ModelDiff;
import io.scorebatch.report.RunDiff.Predictions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/** Two runs beside each other, for people and for programs. */
public final class RunDiffPrinter {
  private RunDiffPrinter() {}

  /** The comparison as text, ending with a line break. */
  public static String print(RunDiff diff) {
    String nl = System.lineSeparator();
    StringBuilder text = new StringBuilder();
    text.append(diff.before().runId()).append(" against ").append(diff.after().runId()).append(nl);
    List<List<String>> cells = new ArrayList<>();
    for (ModelDiff model : diff.models()) {
      cells.add(
          List.of(
              model.name(),
              both(model, Model::status),
              both(model, m -> m.version().isPresent() ? "" + m.version().getAsLong() : ""),
              both(model, m -> m.committed() ? ConsoleReport.count(m.rows()) : ""),
              predictions(model)));
    }
    text.append(
        TextTable.print(
            List.of("model", "status", "version", "rows", "predictions"),
            cells,
            List.of(false, false, true, true, false)));
    for (ModelDiff model : diff.models()) {
      for (List<String> gate : model.gates()) {
        text.append(model.name())
            .append(": gate ")
            .append(gate.get(0))
            .append(": ")
            .append(arrow(gate.get(1), gate.get(2)))
            .append(nl);
      }
      if (!both(model, Model::digest).isEmpty() && !same(model, Model::digest)) {
        text.append(model.name()).append(": the model's files differ").append(nl);
      }
    }
    return text.toString();
  }

  private static boolean same(ModelDiff model, Function<Model, String> part) {
    return text(model.before(), part).equals(text(model.after(), part));
  }

  private static String text(Optional<Model> model, Function<Model, String> part) {
    return model.map(part).orElse("");
  }

  private static String both(ModelDiff model, Function<Model, String> part) {
    return arrow(text(model.before(), part), text(model.after(), part));
  }

  private static String arrow(String before, String after) {
    return before.equals(after)
        ? before
        : (before.isEmpty() ? "-" : before) + " → " + (after.isEmpty() ? "-" : after);
  }

  private static String predictions(ModelDiff model) {
    if (model.predictions().isEmpty()) {
      return "not compared: " + model.notCompared();
    }
    Predictions found = model.predictions().get();
    List<String> parts = new ArrayList<>();
    parts.add(ConsoleReport.count(found.equal()) + " equal");
    if (found.different() > 0) {
      String most =
          Double.isNaN(found.greatest())
              ? ""
              : String.format(
                  Locale.ROOT, " (at most by %.6g, %s)", found.greatest(), found.where());
      parts.add(ConsoleReport.count(found.different()) + " differ" + most);
    }
    if (found.onlyBefore() > 0) {
      parts.add(ConsoleReport.count(found.onlyBefore()) + " gone");
    }
    if (found.onlyAfter() > 0) {
      parts.add(ConsoleReport.count(found.onlyAfter()) + " new");
    }
    return String.join(", ", parts);
  }

  /** The comparison as JSON, ending with a line break. */
  public static String json(RunDiff diff) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("before", diff.before().runId()).put("after", diff.after().runId());
    ArrayNode models = json.putArray("models");
    for (ModelDiff model : diff.models()) {
      ObjectNode node = models.addObject().put("model_name", model.name());
      put(node, "status", model, Model::status);
      put(node, "method", model, Model::method);
      put(
          node,
          "model_version",
          model,
          m -> m.version().isPresent() ? "" + m.version().getAsLong() : "");
      put(node, "model_digest", model, Model::digest);
      put(node, "rows", model, m -> "" + m.rows());
      ArrayNode gates = node.putArray("gates");
      for (List<String> gate : model.gates()) {
        gates
            .addObject()
            .put("gate", gate.get(0))
            .put("before", gate.get(1))
            .put("after", gate.get(2));
      }
      if (model.predictions().isPresent()) {
        Predictions found = model.predictions().get();
        ObjectNode predictions =
            node.putObject("predictions")
                .put("equal", found.equal())
                .put("different", found.different())
                .put("only_before", found.onlyBefore())
                .put("only_after", found.onlyAfter());
        if (!Double.isNaN(found.greatest())) {
          predictions.put("greatest_difference", String.valueOf(found.greatest()));
          predictions.put("greatest_at", found.where());
        }
      } else {
        node.put("not_compared", model.notCompared());
      }
    }
    return json.toPrettyString() + System.lineSeparator();
  }

  private static void put(
      ObjectNode node, String field, ModelDiff model, Function<Model, String> part) {
    node.putObject(field)
        .put("before", text(model.before(), part))
        .put("after", text(model.after(), part));
  }
}
