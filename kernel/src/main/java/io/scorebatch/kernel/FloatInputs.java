package io.scorebatch.kernel;

import io.scorebatch.api.model.Averaging;
import io.scorebatch.api.model.BoostedLinearModel;
import io.scorebatch.api.model.ClassGroups;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.Estimator;
import io.scorebatch.api.model.IsolationForest;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.MultiOutput;
import io.scorebatch.api.model.Pipeline;
import io.scorebatch.api.model.SplitRule;
import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.TreeEnsemble;
import io.scorebatch.api.model.TreeTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The inputs that a model cuts to float32 before it compares them, and whether whole numbers were
 * among them that float32 cannot tell apart: dates written as 20250131, ids. They score as in
 * Python, which sees the same number in both. Thread-safe.
 */
final class FloatInputs {
  /** All whole numbers up to here are floats; beyond it some are left out. */
  private static final double LAST_OF_ALL = 1 << 24;

  private final List<ModelInput> inputs;
  private final int[] watched;
  private final AtomicIntegerArray met;

  private FloatInputs(List<ModelInput> inputs, BitSet watched) {
    this.inputs = inputs;
    this.watched = watched.stream().toArray();
    this.met = new AtomicIntegerArray(inputs.size());
  }

  static FloatInputs of(Estimator estimator, List<ModelInput> inputs) {
    BitSet watched = new BitSet();
    add(estimator, Steps.identity(inputs.size()), watched);
    return new FloatInputs(inputs, watched);
  }

  /** Looks at some rows of a block. */
  void look(ColumnBlock in, int start, int rows) {
    for (int column : watched) {
      if (met.get(column) == 0 && holdsMore(in.numbers(column), start, rows)) {
        met.set(column, 1);
      }
    }
  }

  private static boolean holdsMore(double[] values, int start, int rows) {
    for (int r = start; r < start + rows; r++) {
      double x = Math.abs(values[r]);
      if (x > LAST_OF_ALL && x < 0x1p63 && (float) x != x && x == Math.rint(x)) {
        return true;
      }
    }
    return false;
  }

  List<String> notes() {
    List<String> names = new ArrayList<>();
    for (int column : watched) {
      if (met.get(column) == 1) {
        names.add(inputs.get(column).name());
      }
    }
    return names.isEmpty()
        ? List.of()
        : List.of(
            String.format(
                Locale.ROOT,
                "the model reads %s as 32-bit floats, which leave out whole numbers beyond"
                    + " 16,777,216: neighbours look the same to it, as they do in Python",
                String.join(", ", names)));
  }

  /**
   * @param columns the input each column the estimator reads is; -1 for what is computed
   */
  private static void add(Estimator estimator, int[] columns, BitSet watched) {
    if (estimator instanceof Pipeline m) {
      add(m.estimator(), Steps.columns(m.steps(), columns), watched);
    } else if (estimator instanceof TreeEnsemble m) {
      if (m.splits() != SplitRule.DOUBLE_AT_MOST) {
        add(m.trees(), columns, watched);
      }
    } else if (estimator instanceof IsolationForest m) {
      add(m.trees(), columns, watched);
    } else if (estimator instanceof BoostedLinearModel m) {
      for (int j = 0; j < m.features(); j++) {
        add(j, columns, watched);
      }
    } else if (estimator instanceof ClassGroups m) {
      add(m.estimator(), columns, watched);
    } else if (estimator instanceof MultiOutput m) {
      m.members().forEach(member -> add(member, columns, watched));
    } else if (estimator instanceof Averaging m) {
      m.members().forEach(member -> add(member.estimator(), columns, watched));
    }
  }

  private static void add(TreeTable trees, int[] columns, BitSet watched) {
    for (int node = 0; node < trees.nodes(); node++) {
      if (!trees.isLeaf(node) && !trees.isCategorical(node)) {
        add(trees.feature()[node], columns, watched);
      }
    }
  }

  private static void add(int column, int[] columns, BitSet watched) {
    if (column < columns.length && columns[column] >= 0) {
      watched.set(columns[column]);
    }
  }

  /** Which input each column is after some steps. */
  private static final class Steps {
    private Steps() {}

    static int[] identity(int count) {
      int[] columns = new int[count];
      for (int c = 0; c < count; c++) {
        columns[c] = c;
      }
      return columns;
    }

    static int[] columns(List<Transform> steps, int[] columns) {
      int[] now = columns;
      for (Transform step : steps) {
        if (step instanceof Transform.Select select) {
          int[] selected = new int[select.columns().length];
          for (int i = 0; i < selected.length; i++) {
            selected[i] = now[select.columns()[i]];
          }
          now = selected;
        } else if (!(step instanceof Transform.Check || step instanceof Transform.ValueToNan)) {
          return new int[0];
        }
      }
      return now;
    }
  }
}
