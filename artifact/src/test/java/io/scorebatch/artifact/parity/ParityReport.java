package io.scorebatch.artifact.parity;

import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the parity tests found, as {@code target/parity.json}: one summary for each family and
 * library version, and all refusals with their messages.
 */
final class ParityReport {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  private static final class Summary {
    final TreeSet<String> files = new TreeSet<>();
    final TreeSet<String> formats = new TreeSet<>();
    final TreeSet<String> kinds = new TreeSet<>();
    long rows;
    long cells;
    long exact;
    long within;
    double greatest;
    double tolerance;
    int refused;
  }

  private record Refused(String id, String wrapper, String kind, String message) {}

  private final Map<List<String>, Summary> summaries = new TreeMap<>(ParityReport::compare);
  private final List<Refused> refusals = new ArrayList<>();

  synchronized void add(FixtureCase.Entry entry, Comparison comparison) {
    Summary summary = summary(entry);
    summary.files.add(entry.id());
    summary.formats.add(entry.format());
    summary.kinds.add(comparison.kind());
    summary.rows += comparison.rows();
    summary.cells += comparison.cells();
    summary.exact += comparison.exact();
    summary.within += comparison.cells() - comparison.exact();
    summary.greatest = Math.max(summary.greatest, comparison.greatest());
    if (!comparison.required()) {
      summary.tolerance = Math.max(summary.tolerance, comparison.tolerance());
    }
  }

  synchronized void addRefused(FixtureCase.Entry entry, String kind, String message) {
    summary(entry).refused++;
    refusals.add(new Refused(entry.id(), entry.wrapper(), kind, message));
  }

  private Summary summary(FixtureCase.Entry entry) {
    FixtureCase fixture = entry.fixture();
    return summaries.computeIfAbsent(
        List.of(fixture.library(), fixture.family(), fixture.version()), key -> new Summary());
  }

  private static int compare(List<String> a, List<String> b) {
    return String.join("\0", a).compareTo(String.join("\0", b));
  }

  synchronized void write(Path file) throws IOException {
    ObjectNode root = JSON.createObjectNode();
    ArrayNode families = root.putArray("families");
    summaries.forEach(
        (key, s) -> {
          ObjectNode node = families.addObject();
          node.put("library", key.get(0)).put("family", key.get(1)).put("version", key.get(2));
          node.put("files", s.files.size());
          node.put("formats", String.join(", ", s.formats));
          node.put("kinds", String.join(", ", s.kinds));
          node.put("rows", s.rows).put("cells", s.cells).put("exact", s.exact);
          node.put("withinTolerance", s.within).put("greatestDifference", s.greatest);
          node.put("tolerance", s.tolerance).put("refused", s.refused);
        });
    ArrayNode refused = root.putArray("refused");
    refusals.stream()
        .sorted(java.util.Comparator.comparing(Refused::id).thenComparing(Refused::kind))
        .forEach(
            r -> {
              ObjectNode node = refused.addObject();
              node.put("file", r.id()).put("as", r.wrapper());
              node.put("kind", r.kind()).put("message", r.message());
            });
    Files.createDirectories(file.getParent());
    JSON.writeValue(file.toFile(), root);
  }
}
