package io.scorebatch.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.pipeline.run.Certificates.Verdict;
import java.util.Arrays;
import java.util.Optional;

/** Certificates as JSON. Keys are stable; {@code format_version} 1. */
public final class CertificateJson {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int FORMAT = 1;

  private CertificateJson() {}

  /** The certificate as JSON text, ending with a line break. */
  public static String print(Certificate certificate) {
    ObjectNode root = JSON.createObjectNode();
    root.put("format_version", FORMAT);
    root.put("verdict", certificate.verdict().name());
    root.put("digest", certificate.digest());
    root.put("model_uri", certificate.uri());
    root.put("model_name", certificate.model());
    certificate.version().ifPresent(version -> root.put("model_version", version));
    root.put("library", certificate.library());
    root.put("class", certificate.className());
    root.put("recorded_by", certificate.recordedBy());
    root.put("rows", certificate.rows());
    root.put("rows_python_refuses", certificate.refused());
    root.put("cells", certificate.cells());
    root.put("mismatching_labels", certificate.mismatchingLabels());
    root.put("max_absolute_difference", certificate.maxAbsolute());
    ArrayNode kinds = root.putArray("kinds");
    for (Certificate.Compared compared : certificate.kinds()) {
      ObjectNode kind = kinds.addObject();
      kind.put("kind", compared.kind());
      kind.put("verdict", compared.verdict().name());
      kind.put("cells", compared.cells());
      kind.put("exact", compared.exact());
      kind.put("mismatching_labels", compared.mismatchingLabels());
      kind.put("max_absolute_difference", compared.maxAbsolute());
      kind.put("max_ulp_difference", compared.maxUlps());
      kind.put("greatest_difference", compared.greatest());
      kind.put("tolerance", compared.tolerance());
      kind.put("worst_cell", compared.worst());
    }
    root.put("scorebatch", certificate.scorebatch());
    root.put("at", certificate.at().toString());
    return root.toPrettyString() + System.lineSeparator();
  }

  /** The verdict of a certificate about a model; empty where the text is none about it. */
  static Optional<Verdict> verdict(String text, String digest) {
    try {
      JsonNode root = JSON.readTree(text);
      if (root.path("format_version").asInt() != FORMAT
          || !root.path("digest").asText().equals(digest)) {
        return Optional.empty();
      }
      String verdict = root.path("verdict").asText();
      return Arrays.stream(Verdict.values()).filter(v -> v.name().equals(verdict)).findFirst();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
