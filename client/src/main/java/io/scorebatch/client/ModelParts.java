package io.scorebatch.client;

import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.ModelStructure;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.TreeTable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The records a model is made of, as a tree: found by the components of the records themselves, so
 * that a new kind of estimator or transform is told without being listed here.
 *
 * @param record an estimator, a transform, a table of trees or a branch of transforms
 * @param children what it is made of, in order
 */
record ModelParts(Object record, List<ModelParts> children) {
  private static final int MOST_DEPTH = 100;

  /** Transforms beside others that read the same columns. */
  private record Branch() {}

  static ModelParts of(ModelStructure structure) {
    return new ModelParts(structure, children(structure, 0));
  }

  private static List<ModelParts> children(Object record, int depth) {
    List<ModelParts> found = new ArrayList<>();
    if (depth < MOST_DEPTH && !(record instanceof TreeTable)) {
      for (RecordComponent component : record.getClass().getRecordComponents()) {
        collect(value(record, component), found, depth + 1);
      }
    }
    return found;
  }

  /** Parts stand in lists, optionals, and records that only tie them together. */
  private static void collect(@Nullable Object value, List<ModelParts> found, int depth) {
    if (value instanceof Optional<?> optional) {
      optional.ifPresent(inner -> collect(inner, found, depth));
    } else if (value instanceof List<?> list) {
      for (Object element : list) {
        if (element instanceof List<?> steps) {
          List<ModelParts> branch = new ArrayList<>();
          collect(steps, branch, depth);
          found.add(new ModelParts(new Branch(), branch));
        } else {
          collect(element, found, depth);
        }
      }
    } else if (value instanceof Estimator
        || value instanceof Transform
        || value instanceof TreeTable) {
      found.add(new ModelParts(value, children(value, depth)));
    } else if (value instanceof Record
        && value.getClass().getPackage() == Estimator.class.getPackage()) {
      found.addAll(children(value, depth));
    }
  }

  private static @Nullable Object value(Object record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(record.getClass() + " hides " + component.getName(), e);
    }
  }

  /** This part and all below it. */
  List<ModelParts> all() {
    List<ModelParts> all = new ArrayList<>(List.of(this));
    children.forEach(child -> all.addAll(child.all()));
    return all;
  }

  /** The tree as indented lines; neighbours that read the same are one line with their number. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    print("", 1, lines);
    return lines;
  }

  private void print(String indent, int count, List<String> lines) {
    lines.add(indent + (count > 1 ? count + " x " : "") + title());
    for (int from = 0; from < children.size(); ) {
      ModelParts child = children.get(from);
      int to = from + 1;
      while (to < children.size() && children.get(to).shape().equals(child.shape())) {
        to++;
      }
      if (!(child.record instanceof TreeTable)) {
        child.print(indent + "  ", to - from, lines);
      }
      from = to;
    }
  }

  /** Names only: members of an ensemble differ in their numbers. */
  private List<String> shape() {
    return all().stream()
        .filter(part -> !(part.record instanceof TreeTable))
        .map(part -> part.record.getClass().getSimpleName())
        .toList();
  }

  private String title() {
    String name = record.getClass().getSimpleName();
    for (ModelParts child : children) {
      if (child.record instanceof TreeTable trees) {
        return String.format(
            Locale.ROOT, "%s (%,d trees, %,d nodes)", name, trees.trees(), trees.nodes());
      }
    }
    return name;
  }
}
