package io.scorebatch.artifact.xgboost;

import io.scorebatch.api.model.Categories;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.MappedColumn;
import io.scorebatch.artifact.model.CategoryColumns;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The categories of a training frame, which XGBoost keeps in its files since 3.1: labels become
 * codes by this list, never by the batch that is scored.
 */
final class StoredCategories {
  private StoredCategories() {}

  /** Categories of each input; null for inputs without any. All null where the file has none. */
  static List<@Nullable Categories> read(Block model, int features) {
    List<@Nullable Categories> categories = new ArrayList<>();
    List<Block> encoded = model.block("cats").blocks("enc");
    if (!encoded.isEmpty() && encoded.size() != features) {
      throw model.damaged("cats.enc has " + encoded.size() + " entries for " + features);
    }
    for (int i = 0; i < features; i++) {
      categories.add(encoded.isEmpty() ? null : categories(encoded.get(i)));
    }
    return categories;
  }

  private static @Nullable Categories categories(Block encoded) {
    double[] values = encoded.numbers("values");
    if (values.length == 0) {
      return null;
    }
    if (!encoded.has("offsets")) {
      return Categories.numbers(values);
    }
    int[] offsets = encoded.integers("offsets");
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    List<@Nullable String> texts = new ArrayList<>();
    for (int i = 0; i + 1 < offsets.length; i++) {
      if (offsets[i] < 0 || offsets[i] > offsets[i + 1] || offsets[i + 1] > bytes.length) {
        throw encoded.damaged(encoded.path() + ".offsets are out of order");
      }
      texts.add(new String(bytes, offsets[i], offsets[i + 1] - offsets[i], StandardCharsets.UTF_8));
    }
    return Categories.texts(texts);
  }

  /**
   * The steps that turn labels into codes; none where nothing has categories. A missing label stays
   * missing, an unknown one is refused, as XGBoost does.
   */
  static List<Transform> steps(List<@Nullable Categories> categories) {
    List<@Nullable MappedColumn> columns = new ArrayList<>();
    for (Categories known : categories) {
      columns.add(known == null ? null : column(known));
    }
    return CategoryColumns.steps(columns);
  }

  private static MappedColumn column(Categories known) {
    double[] codes = new double[known.size() + 1];
    for (int i = 0; i < known.size(); i++) {
      codes[i] = i;
    }
    codes[known.size()] = Double.NaN;
    Categories withMissing;
    if (known.text()) {
      List<@Nullable String> texts = new ArrayList<>(known.texts());
      texts.add(null);
      withMissing = Categories.texts(texts);
    } else {
      double[] numbers = java.util.Arrays.copyOf(known.numbers(), codes.length);
      numbers[known.size()] = Double.NaN;
      withMissing = Categories.numbers(numbers);
    }
    return new MappedColumn(withMissing, 1, codes, new double[0]);
  }
}
