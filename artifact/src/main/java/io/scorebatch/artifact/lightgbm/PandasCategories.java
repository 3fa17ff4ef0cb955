package io.scorebatch.artifact.lightgbm;

import io.scorebatch.api.model.Categories;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.MappedColumn;
import io.scorebatch.artifact.model.CategoryColumns;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which columns were pandas categories when the model was trained. The file lists their labels in
 * the order of the frame's columns, but not which columns they belong to; categorical columns
 * without a list hold integer codes.
 */
final class PandasCategories {
  private final List<Categories> lists;
  private final List<Integer> candidates;
  private final int[] highestCodes;
  private final List<String> names;
  private final @Nullable Set<String> textColumns;

  private PandasCategories(
      List<Categories> lists,
      List<Integer> candidates,
      int[] highestCodes,
      List<String> names,
      @Nullable Set<String> textColumns) {
    this.lists = lists;
    this.candidates = candidates;
    this.highestCodes = highestCodes;
    this.names = names;
    this.textColumns = textColumns;
  }

  /**
   * The categories of each input; null for inputs that are numbers.
   *
   * @param lists the lists of the file
   * @param infos the file's description of each input: {@code [min:max]}, codes joined with {@code
   *     :}, or {@code none}
   * @param names names of the inputs
   * @param textColumns all columns that hold text, where that is known; null where it is not
   */
  static List<@Nullable Categories> assign(
      List<Categories> lists,
      String[] infos,
      List<String> names,
      @Nullable Set<String> textColumns,
      String source) {
    List<@Nullable Categories> assigned = new ArrayList<>();
    names.forEach(name -> assigned.add(null));
    if (lists.isEmpty()) {
      return assigned;
    }
    List<Integer> candidates = new ArrayList<>();
    int[] highest = new int[names.size()];
    for (int i = 0; i < Math.min(infos.length, names.size()); i++) {
      // A category of one label is "none", as is a constant number.
      if (!infos[i].startsWith("[")) {
        candidates.add(i);
        highest[i] = highestCode(infos[i], source);
      }
    }
    PandasCategories search = new PandasCategories(lists, candidates, highest, names, textColumns);
    int[] columns = search.onlyWay();
    if (columns.length == 0) {
      throw LightgbmErrors.ambiguousCategories(
          source, lists.size(), candidates.stream().map(names::get).toList());
    }
    for (int i = 0; i < lists.size(); i++) {
      assigned.set(columns[i], lists.get(i));
    }
    return assigned;
  }

  private static int highestCode(String info, String source) {
    if (info.equals("none")) {
      return -1;
    }
    try {
      return Arrays.stream(info.split(":", -1)).mapToInt(Integer::parseInt).max().orElse(-1);
    } catch (NumberFormatException e) {
      throw LightgbmErrors.damaged(source, "feature_infos holds '" + info + "'");
    }
  }

  /**
   * The columns of the lists, both in order, where there is just one way to pair them; otherwise
   * empty.
   */
  private int[] onlyWay() {
    // ways[l][c]: in how many ways (2 stands for more) lists from l on fit columns from c on.
    int[][] ways = new int[lists.size() + 1][candidates.size() + 1];
    Arrays.fill(ways[lists.size()], 1);
    for (int l = lists.size() - 1; l >= 0; l--) {
      for (int c = candidates.size() - 1; c >= 0; c--) {
        int taken = fits(lists.get(l), candidates.get(c)) ? ways[l + 1][c + 1] : 0;
        ways[l][c] = Math.min(2, ways[l][c + 1] + taken);
      }
    }
    if (ways[0][0] != 1) {
      return new int[0];
    }
    int[] columns = new int[lists.size()];
    int c = 0;
    for (int l = 0; l < columns.length; l++) {
      while (ways[l][c + 1] == 1) {
        c++;
      }
      columns[l] = candidates.get(c++);
    }
    return columns;
  }

  private boolean fits(Categories list, int column) {
    return highestCodes[column] < list.size()
        && (textColumns == null
            || list.size() == 0
            || list.text() == textColumns.contains(names.get(column)));
  }

  /**
   * The steps that turn labels into codes; none where nothing has categories. A missing label and
   * one that training did not see are both missing, as pandas has them.
   */
  static List<Transform> steps(List<@Nullable Categories> categories) {
    List<@Nullable MappedColumn> columns = new ArrayList<>();
    for (Categories known : categories) {
      if (known == null) {
        columns.add(null);
      } else {
        double[] codes = new double[known.size()];
        Arrays.setAll(codes, code -> code);
        columns.add(new MappedColumn(known, 1, codes, new double[] {Double.NaN}));
      }
    }
    return CategoryColumns.steps(columns);
  }
}
