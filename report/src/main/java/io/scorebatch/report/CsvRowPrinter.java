package io.scorebatch.report;

import io.scorebatch.api.type.Column;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Comma-separated values after RFC 4180: NULL is an empty field, empty text is {@code ""}. */
public final class CsvRowPrinter implements RowPrinter {
  private final PrintStream out;

  public CsvRowPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void columns(List<Column> columns) {
    out.print(String.join(",", columns.stream().map(c -> quote(c.name())).toList()) + "\r\n");
  }

  @Override
  public void row(List<@Nullable Object> values) {
    List<String> cells = new ArrayList<>();
    for (Object value : values) {
      cells.add(value == null ? "" : quote(Values.text(value)));
    }
    out.print(String.join(",", cells) + "\r\n");
  }

  private static String quote(String text) {
    if (text.isEmpty() || text.matches("(?s).*[\",\r\n].*")) {
      return "\"" + text.replace("\"", "\"\"") + "\"";
    }
    return text;
  }

  @Override
  public void close() {
    out.flush();
  }
}
