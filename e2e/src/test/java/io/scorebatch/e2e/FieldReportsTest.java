package io.scorebatch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/field-reports.md names tests; each of them must exist, or the page promises nothing. */
class FieldReportsTest {
  private static final Pattern REFERENCE = Pattern.compile("`(\\w+Test)#(\\w+)`");

  @Test
  void everyTestThePageNamesExists() throws IOException {
    Map<String, String> sources = new HashMap<>();
    try (Stream<Path> files = Files.walk(Fixtures.root())) {
      for (Path file :
          files
              .filter(f -> f.toString().endsWith("Test.java"))
              .filter(f -> !f.toString().contains("/target/"))
              .toList()) {
        String name = String.valueOf(file.getFileName()).replace(".java", "");
        sources.merge(name, Files.readString(file), String::concat);
      }
    }
    Matcher matcher =
        REFERENCE.matcher(Files.readString(Fixtures.root().resolve("docs/field-reports.md")));
    List<String> missing = new ArrayList<>();
    int found = 0;
    while (matcher.find()) {
      String source = sources.getOrDefault(matcher.group(1), "");
      if (Pattern.compile("\\b" + matcher.group(2) + "\\(").matcher(source).find()) {
        found++;
      } else {
        missing.add(matcher.group());
      }
    }
    assertThat(missing).isEmpty();
    assertThat(found).isGreaterThan(90);
  }
}
