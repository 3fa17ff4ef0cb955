package io.scorebatch.report;

import java.util.List;

/** Rows in aligned columns. */
final class TextTable {
  private TextTable() {}

  /**
   * A table as text: header, rule, rows.
   *
   * @param right whether each column is aligned to the right
   */
  static String print(List<String> header, List<List<String>> rows, List<Boolean> right) {
    int[] widths = new int[header.size()];
    for (int i = 0; i < widths.length; i++) {
      widths[i] = width(header.get(i));
    }
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], width(row.get(i)));
      }
    }
    StringBuilder text = new StringBuilder();
    line(text, header, widths, right);
    for (int i = 0; i < widths.length; i++) {
      text.append(i == 0 ? "" : "  ").append("-".repeat(widths[i]));
    }
    text.append(System.lineSeparator());
    for (List<String> row : rows) {
      line(text, row, widths, right);
    }
    return text.toString();
  }

  private static void line(
      StringBuilder text, List<String> cells, int[] widths, List<Boolean> right) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      String cell = cells.get(i);
      String pad = " ".repeat(widths[i] - width(cell));
      line.append(i == 0 ? "" : "  ");
      line.append(right.get(i) ? pad + cell : cell + pad);
    }
    text.append(line.toString().stripTrailing()).append(System.lineSeparator());
  }

  private static int width(String text) {
    return text.codePointCount(0, text.length());
  }
}
