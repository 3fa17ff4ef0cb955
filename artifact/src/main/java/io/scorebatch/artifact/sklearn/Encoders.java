package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Categories;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PyObject;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** OneHotEncoder, OrdinalEncoder and TargetEncoder. */
final class Encoders {
  private static final Transform CHECK = new Transform.Check(Accept.FINITE_OR_NAN);

  private Encoders() {}

  // OneHotEncoder

  static FittedTransform oneHot(PyObject encoder, Parts parts) {
    List<Categories> categories = CategoryLists.of(encoder);
    Columns columns = CategoryLists.columns(encoder, categories);
    List<Transform.OneHotColumn> encoded = new ArrayList<>();
    int width = 0;
    for (int i = 0; i < categories.size(); i++) {
      Transform.OneHotColumn column = oneHotColumn(encoder, categories.get(i), i);
      encoded.add(column);
      width += column.width();
    }
    return FittedTransform.of(columns, width, CHECK, new Transform.OneHot(encoded));
  }

  private static Transform.OneHotColumn oneHotColumn(
      PyObject encoder, Categories categories, int column) {
    int[] group = groups(encoder, categories.size(), column);
    int groups = 0;
    for (int g : group) {
      groups = Math.max(groups, g + 1);
    }
    int dropped = dropped(encoder, column);
    int[] position = new int[group.length];
    for (int c = 0; c < group.length; c++) {
      position[c] =
          group[c] == dropped ? -1 : dropped >= 0 && group[c] > dropped ? group[c] - 1 : group[c];
    }
    int unknown = Transform.OneHotColumn.NONE;
    String rule = encoder.text("handle_unknown");
    switch (rule) {
      case "error":
        unknown = Transform.OneHotColumn.REJECT;
        break;
      case "ignore":
        break;
      case "infrequent_if_exist":
      case "warn":
        if (hasInfrequent(encoder, column) && groups - 1 != dropped) {
          // The infrequent group is the last one.
          unknown = dropped >= 0 ? groups - 2 : groups - 1;
        }
        break;
      default:
        throw SklearnErrors.setting(encoder, "handle_unknown", rule);
    }
    return new Transform.OneHotColumn(
        categories, dropped >= 0 ? groups - 1 : groups, position, unknown);
  }

  private static boolean hasInfrequent(PyObject encoder, int column) {
    return mapping(encoder, column) != null;
  }

  /** The group of each category: itself, or that of the infrequent ones. */
  private static int[] groups(PyObject encoder, int categories, int column) {
    NdArray mapping = mapping(encoder, column);
    if (mapping == null) {
      return Steps.range(categories);
    }
    int[] groups = mapping.ints();
    if (groups.length != categories) {
      throw SklearnErrors.damaged(encoder, "groups " + groups.length + " categories");
    }
    for (int group : groups) {
      if (group < 0 || group >= categories) {
        throw SklearnErrors.damaged(encoder, "has the category group " + group);
      }
    }
    return groups;
  }

  private static @Nullable NdArray mapping(PyObject encoder, int column) {
    if (!encoder.flagOr("_infrequent_enabled", false)) {
      return null;
    }
    List<Object> mappings = encoder.sequence("_default_to_infrequent_mappings").items();
    if (column >= mappings.size()) {
      throw SklearnErrors.damaged(encoder, "groups the categories of " + mappings.size());
    }
    return mappings.get(column) instanceof NdArray mapping ? mapping : null;
  }

  /** The group that is left out, counted after grouping; -1 for none. */
  private static int dropped(PyObject encoder, int column) {
    String name =
        encoder.find("_drop_idx_after_grouping") != null ? "_drop_idx_after_grouping" : "drop_idx_";
    if (!encoder.has(name)) {
      return -1;
    }
    List<Object> all = encoder.array(name).values();
    if (column >= all.size()) {
      throw SklearnErrors.damaged(encoder, "drops categories of " + all.size() + " columns");
    }
    Object dropped = all.get(column);
    if (dropped == PyNone.NONE) {
      return -1;
    }
    if (dropped instanceof Long number && number >= 0 && number < Integer.MAX_VALUE) {
      return number.intValue();
    }
    throw SklearnErrors.damaged(encoder, "drops the category " + dropped);
  }

  // OrdinalEncoder

  static FittedTransform ordinal(PyObject encoder, Parts parts) {
    List<Categories> categories = CategoryLists.of(encoder);
    Columns columns = CategoryLists.columns(encoder, categories);
    double[] unknown = new double[0];
    String rule = encoder.text("handle_unknown");
    if (rule.equals("use_encoded_value")) {
      unknown = new double[] {encoder.number("unknown_value")};
    } else if (!rule.equals("error")) {
      throw SklearnErrors.setting(encoder, "handle_unknown", rule);
    }
    double missing = encoder.numberOr("encoded_missing_value", Double.NaN);
    List<Transform.MappedColumn> mapped = new ArrayList<>();
    for (int i = 0; i < categories.size(); i++) {
      Categories column = categories.get(i);
      int[] groups = groups(encoder, column.size(), i);
      double[] values = new double[column.size()];
      for (int c = 0; c < values.length; c++) {
        values[c] = isMissing(column, c) ? missing : groups[c];
      }
      mapped.add(new Transform.MappedColumn(column, 1, values, unknown));
    }
    return FittedTransform.of(columns, columns.count(), CHECK, new Transform.MapCategories(mapped));
  }

  private static boolean isMissing(Categories column, int category) {
    return column.text()
        ? column.texts().get(category) == null
        : Double.isNaN(column.numbers()[category]);
  }

  // TargetEncoder

  static FittedTransform target(PyObject encoder, Parts parts) {
    List<Categories> categories = CategoryLists.of(encoder);
    Columns columns = CategoryLists.columns(encoder, categories);
    double[] means =
        encoder.attribute("target_mean_") instanceof NdArray array
            ? array.doubles()
            : new double[] {encoder.number("target_mean_")};
    int classes = means.length;
    List<NdArray> encodings = Members.arrays(encoder, "encodings_");
    if (classes == 0 || encodings.size() != (long) classes * categories.size()) {
      throw SklearnErrors.damaged(encoder, "has " + encodings.size() + " encodings");
    }
    List<Transform.MappedColumn> mapped = new ArrayList<>();
    for (int i = 0; i < categories.size(); i++) {
      double[] values = new double[Math.multiplyExact(classes, categories.get(i).size())];
      for (int k = 0; k < classes; k++) {
        double[] encoding = encodings.get(i * classes + k).doubles();
        if (encoding.length != categories.get(i).size()) {
          throw SklearnErrors.damaged(encoder, "encodes " + encoding.length + " categories");
        }
        for (int c = 0; c < encoding.length; c++) {
          values[c * classes + k] = encoding[c];
        }
      }
      mapped.add(new Transform.MappedColumn(categories.get(i), classes, values, means));
    }
    return FittedTransform.of(
        columns,
        Math.multiplyExact(columns.count(), classes),
        CHECK,
        new Transform.MapCategories(mapped));
  }
}
