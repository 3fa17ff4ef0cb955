package io.scorebatch.engine.duckdb;

import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Decimal;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What the model's function does with each row. Immutable.
 *
 * @param layout what it reads first of its parameters
 * @param scorer the model; null where nothing is scored
 * @param tallies what is counted of the look-ups, by the parameters that follow
 * @param onBadRow what becomes of rows the model cannot take
 * @param reasons whether a VARCHAR parameter follows that tells why a row is bad, NULL where it is
 *     not
 * @param ticks how many BOOLEAN parameters follow that nobody reads
 * @param fingerprint salt of the fingerprint that is a result; empty for none
 * @param alone whether there is a result so that the function is called at all
 * @param typed score columns whose scores must fit a type
 * @param predictions the score whose numbers are counted; empty for none
 * @param flag the score whose positives are counted; empty for none
 * @param profiles whether the inputs' numbers are counted
 */
record ModelWork(
    InputBlock.Layout layout,
    @Nullable Scorer scorer,
    Tallies tallies,
    OnBadRow onBadRow,
    boolean reasons,
    int ticks,
    OptionalLong fingerprint,
    boolean alone,
    List<Typed> typed,
    OptionalInt predictions,
    Optional<Flag> flag,
    boolean profiles) {
  ModelWork {
    typed = List.copyOf(typed);
  }

  /** A score that becomes a column of a type. */
  record Typed(int score, String column, ColumnType type) {
    /** Whether a score is a value of the type; NaN is a missing integer. */
    boolean fits(double score) {
      if (type.isInteger()) {
        return Double.isNaN(score)
            || (score == Math.rint(score) && score >= least() && score < -least());
      }
      if (type == Primitive.FLOAT) {
        return Double.isInfinite(score) || !Float.isInfinite((float) score);
      }
      return !(type instanceof Decimal decimal)
          || (Double.isFinite(score)
              && new BigDecimal(score).setScale(decimal.scale(), RoundingMode.HALF_UP).precision()
                  <= decimal.precision());
    }

    private double least() {
      if (type == Primitive.BYTE) {
        return Byte.MIN_VALUE;
      }
      if (type == Primitive.SHORT) {
        return Short.MIN_VALUE;
      }
      return type == Primitive.INT ? Integer.MIN_VALUE : Long.MIN_VALUE;
    }
  }

  /** A flag that is set where a score lies above or below a threshold. */
  record Flag(int score, boolean above, double threshold) {
    boolean isSet(double score) {
      return above ? score > threshold : score < threshold;
    }
  }

  /** Whether a bad row is no failure. */
  boolean tolerant() {
    return onBadRow != OnBadRow.FAIL;
  }

  List<ScoreColumn> scores() {
    return scorer == null ? List.of() : scorer.outputs();
  }
}
