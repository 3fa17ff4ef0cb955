package io.scorebatch.remote;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** Sections of {@code key = value} lines, as in {@code ~/.databrickscfg}. Keys in lower case. */
public final class IniFile {
  private IniFile() {}

  /** All sections in their order; empty where there is no file. */
  public static Map<String, Map<String, String>> read(Path file) {
    Map<String, Map<String, String>> sections = new LinkedHashMap<>();
    if (!Files.isRegularFile(file)) {
      return sections;
    }
    Map<String, String> section = new LinkedHashMap<>();
    try {
      for (String raw : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        String line = raw.strip();
        int equals = line.indexOf('=');
        if (line.startsWith("[") && line.endsWith("]")) {
          section = new LinkedHashMap<>();
          sections.put(line.substring(1, line.length() - 1).strip(), section);
        } else if (!line.startsWith("#") && !line.startsWith(";") && equals > 0) {
          section.put(
              line.substring(0, equals).strip().toLowerCase(Locale.ROOT),
              line.substring(equals + 1).strip());
        }
      }
    } catch (IOException e) {
      throw new ScorebatchException(
          new Problem(
              ErrorCode.FILE_UNREADABLE,
              "Credentials file " + file + " cannot be read.",
              "Reading it failed: " + e.getClass().getSimpleName() + ".",
              "check that it may be read and is UTF-8 text."),
          e);
    }
    return sections;
  }
}
