package io.scorebatch.report;

import io.scorebatch.api.type.Column;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Aligned columns for people. Widths are those of the first thousand rows, so that a long result is
 * printed as it comes.
 */
public final class TableRowPrinter implements RowPrinter {
  private static final int HELD = 1000;

  private final PrintStream out;
  private List<Column> columns = List.of();
  private final List<List<String>> held = new ArrayList<>();
  private long rows;
  private boolean headerPrinted;

  public TableRowPrinter(PrintStream out) {
    this.out = out;
  }

  @Override
  public void columns(List<Column> names) {
    columns = List.copyOf(names);
  }

  @Override
  public void row(List<@Nullable Object> values) {
    List<String> cells = new ArrayList<>();
    for (Object value : values) {
      cells.add(value == null ? "NULL" : Values.text(value).replaceAll("\\p{Cntrl}", " "));
    }
    held.add(cells);
    rows++;
    if (held.size() >= HELD) {
      flush();
    }
  }

  private void flush() {
    List<Boolean> right = columns.stream().map(c -> c.type().isNumeric()).toList();
    String table = TextTable.print(columns.stream().map(Column::name).toList(), held, right);
    if (headerPrinted) {
      table = table.substring(table.indexOf('\n', table.indexOf('\n') + 1) + 1);
    }
    headerPrinted = true;
    out.print(table);
    held.clear();
  }

  @Override
  public void close() {
    if (!held.isEmpty() || !headerPrinted) {
      flush();
    }
    out.println("(" + ConsoleReport.count(rows) + (rows == 1 ? " row)" : " rows)"));
    out.flush();
  }
}
