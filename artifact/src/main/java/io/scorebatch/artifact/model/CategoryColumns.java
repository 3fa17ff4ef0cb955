package io.scorebatch.artifact.model;

import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.MapCategories;
import io.scorebatch.api.model.Transform.MappedColumn;
import io.scorebatch.api.model.Transform.Select;
import io.scorebatch.api.model.Transform.Union;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Columns of a frame whose labels become codes while the other columns stay as they are. */
public final class CategoryColumns {
  private CategoryColumns() {}

  /**
   * The steps that do it; none where no column has categories.
   *
   * @param columns one an input column, null where it stays as it is
   */
  public static List<Transform> steps(List<@Nullable MappedColumn> columns) {
    List<Integer> mapped = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    List<MappedColumn> mappings = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      MappedColumn column = columns.get(i);
      if (column == null) {
        others.add(i);
      } else {
        mapped.add(i);
        mappings.add(column);
      }
    }
    if (mapped.isEmpty()) {
      return List.of();
    }
    List<List<Transform>> branches = new ArrayList<>();
    branches.add(List.of(select(mapped), new MapCategories(mappings)));
    if (!others.isEmpty()) {
      branches.add(List.of(select(others)));
    }
    mapped.addAll(others);
    int[] back = new int[columns.size()];
    for (int i = 0; i < back.length; i++) {
      back[mapped.get(i)] = i;
    }
    return List.of(new Union(branches), new Select(back));
  }

  private static Select select(List<Integer> columns) {
    return new Select(columns.stream().mapToInt(Integer::intValue).toArray());
  }
}
