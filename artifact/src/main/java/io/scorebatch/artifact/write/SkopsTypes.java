package io.scorebatch.artifact.write;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** The types of scikit-learn in a skops file, which a loader has to be told it may trust. */
final class SkopsTypes {
  private static final ObjectMapper JSON = new ObjectMapper();

  private SkopsTypes() {}

  static List<String> of(Path file) throws IOException {
    try (ZipFile zip = new ZipFile(file.toFile())) {
      ZipEntry schema = zip.getEntry("schema.json");
      if (schema == null) {
        return List.of();
      }
      Set<String> types = new TreeSet<>();
      try (InputStream in = zip.getInputStream(schema)) {
        collect(JSON.readTree(in), types);
      }
      return List.copyOf(types);
    }
  }

  private static void collect(JsonNode node, Set<String> types) {
    String module = node.path("__module__").asText("");
    if (module.startsWith("sklearn.") && node.path("__class__").isTextual()) {
      types.add(module + "." + node.path("__class__").asText());
    }
    node.forEach(child -> collect(child, types));
  }
}
