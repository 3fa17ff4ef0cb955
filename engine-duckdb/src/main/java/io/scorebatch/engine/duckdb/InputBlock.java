package io.scorebatch.engine.duckdb;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.plan.InputBinding.Conversion;
import java.util.List;
import org.duckdb.BlockFunction;
import org.duckdb.BlockFunction.Block;
import org.duckdb.BlockFunction.ValueType;
import org.jspecify.annotations.Nullable;

/** What goes into a model, filled from a block of DuckDB's again and again. One call at a time. */
final class InputBlock implements ColumnBlock {
  private final Layout layout;
  private final double[][] numbers;
  private final @Nullable String[][] texts;
  private int rows;

  /**
   * Which columns there are.
   *
   * @param inputs the model's inputs
   * @param conversions of them, in order
   */
  record Layout(List<ModelInput> inputs, List<Conversion> conversions) {
    /** No columns. */
    static final Layout NOTHING = new Layout(List.of(), List.of());

    Layout {
      inputs = List.copyOf(inputs);
      conversions = List.copyOf(conversions);
    }

    int columns() {
      return inputs.size();
    }

    List<ValueType> parameters() {
      return inputs.stream().map(i -> i.text() ? ValueType.VARCHAR : ValueType.DOUBLE).toList();
    }
  }

  InputBlock(Layout layout) {
    this.layout = layout;
    this.numbers = new double[layout.columns()][];
    this.texts = new @Nullable String[layout.columns()][];
    for (int i = 0; i < layout.columns(); i++) {
      if (layout.inputs().get(i).text()) {
        texts[i] = new @Nullable String[BlockFunction.blockRows()];
      } else {
        numbers[i] = new double[BlockFunction.blockRows()];
      }
    }
  }

  /** Takes all rows of a block, whose first columns are the inputs. */
  void read(Block block) {
    rows = block.rows();
    for (int i = 0; i < layout.columns(); i++) {
      if (layout.inputs().get(i).text()) {
        block.texts(i, texts[i]);
        continue;
      }
      double[] column = numbers[i];
      block.numbers(i, column);
      if (layout.conversions().get(i) == Conversion.NUMBER_OR_ZERO) {
        for (int row = 0; row < rows; row++) {
          column[row] = Double.isFinite(column[row]) ? column[row] : 0;
        }
      }
    }
  }

  /** Takes some rows of another block of this layout. */
  void take(InputBlock from, int[] places, int count) {
    rows = count;
    for (int i = 0; i < layout.columns(); i++) {
      for (int row = 0; row < count; row++) {
        if (layout.inputs().get(i).text()) {
          texts[i][row] = from.texts[i][places[row]];
        } else {
          numbers[i][row] = from.numbers[i][places[row]];
        }
      }
    }
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return layout.columns();
  }

  @Override
  public double[] numbers(int column) {
    return numbers[column];
  }

  @Override
  public @Nullable String[] texts(int column) {
    return texts[column];
  }
}
