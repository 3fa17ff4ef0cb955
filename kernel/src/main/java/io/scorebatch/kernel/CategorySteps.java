package io.scorebatch.kernel;

import io.scorebatch.api.model.Categories;
import io.scorebatch.api.model.RejectedValueException.Reason;
import io.scorebatch.api.model.Transform.ImputeText;
import io.scorebatch.api.model.Transform.MapCategories;
import io.scorebatch.api.model.Transform.MappedColumn;
import io.scorebatch.api.model.Transform.OneHot;
import io.scorebatch.api.model.Transform.OneHotColumn;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Steps that read categories. */
final class CategorySteps {
  private CategorySteps() {}

  /**
   * A column's encoder: writes its {@code width} numbers of a row.
   *
   * @param width columns written
   */
  private record Encoder(CategoryIndex index, int width, Writer writer) {}

  private interface Writer {
    /**
     * @param category its number, -1 where unknown
     * @return false to refuse the row
     */
    boolean write(int category, double[][] out, int from, int row);
  }

  static Step oneHot(OneHot transform, Columns in) {
    List<Encoder> encoders = new ArrayList<>();
    List<Categories> categories = new ArrayList<>();
    for (OneHotColumn column : transform.columns()) {
      categories.add(column.categories());
      encoders.add(
          new Encoder(
              new CategoryIndex(column.categories()),
              column.width(),
              (category, out, from, row) -> {
                int position = category < 0 ? column.unknown() : column.position()[category];
                if (position >= 0) {
                  out[from + position][row] = 1;
                }
                return position != OneHotColumn.REJECT;
              }));
    }
    return encode("A one-hot encoder", encoders, categories, in);
  }

  static Step map(MapCategories transform, Columns in) {
    List<Encoder> encoders = new ArrayList<>();
    List<Categories> categories = new ArrayList<>();
    for (MappedColumn column : transform.columns()) {
      categories.add(column.categories());
      int width = column.width();
      encoders.add(
          new Encoder(
              new CategoryIndex(column.categories()),
              width,
              (category, out, from, row) -> {
                if (category < 0 && column.unknown().length == 0) {
                  return false;
                }
                for (int k = 0; k < width; k++) {
                  out[from + k][row] =
                      category < 0 ? column.unknown()[k] : column.values()[category * width + k];
                }
                return true;
              }));
    }
    return encode("An encoder", encoders, categories, in);
  }

  private static Step encode(
      String name, List<Encoder> encoders, List<Categories> categories, Columns in) {
    if (encoders.size() != in.count()) {
      throw KernelErrors.columns(name, encoders.size(), in.count());
    }
    int width = 0;
    for (int c = 0; c < encoders.size(); c++) {
      if (categories.get(c).size() > 0 && categories.get(c).text() != in.text()[c]) {
        throw in.text()[c] ? KernelErrors.textColumn(name, c) : KernelErrors.numberColumn(name, c);
      }
      width += encoders.get(c).width();
    }
    Columns out = Columns.computed(width);
    return new Step() {
      @Override
      public Columns out() {
        return out;
      }

      @Override
      public Frame apply(Frame frame) {
        double[][] columns = new double[out.count()][frame.rows];
        int from = 0;
        for (int c = 0; c < encoders.size(); c++) {
          Encoder encoder = encoders.get(c);
          int unknown = 0;
          for (int r = 0; r < frame.rows; r++) {
            int category =
                in.text()[c]
                    ? encoder.index().of(frame.texts(c)[r])
                    : encoder.index().of(frame.numbers(c)[r]);
            unknown += category < 0 && !isMissing(frame, in, c, r) ? 1 : 0;
            if (!encoder.writer().write(category, columns, from, r)) {
              String value =
                  in.text()[c]
                      ? String.valueOf(frame.texts(c)[r])
                      : String.valueOf(frame.numbers(c)[r]);
              throw frame.reject(r, in.origin()[c], Reason.UNKNOWN_CATEGORY, value);
            }
          }
          frame.unknown().add(encoder, in.origin()[c], unknown);
          from += encoder.width();
        }
        return frame.with(columns);
      }
    };
  }

  private static boolean isMissing(Frame frame, Columns in, int column, int row) {
    return in.text()[column]
        ? frame.texts(column)[row] == null
        : Double.isNaN(frame.numbers(column)[row]);
  }

  static Step imputeText(ImputeText transform, Columns in) {
    if (transform.fill().size() != in.count()) {
      throw KernelErrors.columns("A text imputer", transform.fill().size(), in.count());
    }
    return new Step() {
      @Override
      public Columns out() {
        return in;
      }

      @Override
      public Frame apply(Frame frame) {
        double[] @Nullable [] numbers = new double[in.count()][];
        @Nullable String[][] texts = new String[in.count()][];
        for (int c = 0; c < in.count(); c++) {
          if (!in.text()[c]) {
            numbers[c] = frame.numbers(c);
            continue;
          }
          texts[c] = new String[frame.rows];
          for (int r = 0; r < frame.rows; r++) {
            String value = frame.texts(c)[r];
            texts[c][r] =
                Objects.equals(value, transform.missing()) ? transform.fill().get(c) : value;
          }
        }
        return frame.with(numbers, texts);
      }
    };
  }
}
