package io.scorebatch.api.plan;

import io.scorebatch.api.model.Labels;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where the values of an output column come from. Score indices count the scorer's outputs. */
public sealed interface OutputValue {
  /** A column of the joined rows: key, pass-through, feature (after its default). */
  record FromColumn(String name) implements OutputValue {}

  /** A score as a number, cast to the column's type; NaN as NULL only for integer types. */
  record Score(int index) implements OutputValue {}

  /** 1 where a score is below the threshold, else 0; NULL where there is no score. */
  record ScoreBelow(int index, double threshold) implements OutputValue {}

  /** 1 where a score is above the threshold, else 0; NULL where there is no score. */
  record ScoreAbove(int index, double threshold) implements OutputValue {}

  /** The label a label-index score stands for, in the labels' own type. */
  record Label(int index, Labels labels) implements OutputValue {}

  /** Text a foreign scorer wrote. */
  record Text(int index) implements OutputValue {}

  /** Among the probabilities, the one of the label chosen by a label-index score. */
  record ProbabilityOfLabel(int labelIndex, List<Integer> probabilityIndices)
      implements OutputValue {
    public ProbabilityOfLabel {
      probabilityIndices = List.copyOf(probabilityIndices);
    }
  }

  /** All probabilities by the text of their label. */
  record ProbabilityMap(Labels labels, List<Integer> probabilityIndices) implements OutputValue {
    public ProbabilityMap {
      probabilityIndices = List.copyOf(probabilityIndices);
    }
  }

  /** Scores as an array of doubles. */
  record ScoreArray(List<Integer> indices) implements OutputValue {
    public ScoreArray {
      indices = List.copyOf(indices);
    }
  }

  /**
   * The same value in every row.
   *
   * @param value String, Integer, Long, Double, Boolean, LocalDate, Instant, or null for NULL
   */
  record Constant(@Nullable Object value) implements OutputValue {}

  /**
   * A BIGINT that changes when what goes into the model changes, or the model: see {@link
   * io.scorebatch.api.engine.RowFingerprint}.
   *
   * @param salt stands for the model and all that is the same for every row
   */
  record Fingerprint(long salt) implements OutputValue {}

  /** Why a bad row is bad, as text: for quarantined rows. */
  record BadReason() implements OutputValue {}

  /**
   * The values of the columns that feed the model, before defaults and conversions, as the text of
   * a JSON object: for quarantined rows. Numbers and booleans are what they are in JSON, NULL is
   * {@code null}, all else is text, also {@code "NaN"}, {@code "Infinity"} and {@code "-Infinity"}.
   */
  record BadValues() implements OutputValue {}

  /**
   * What each look-up found for the row, as a BIGINT: four bits a look-up, the first in the lowest.
   * See {@link io.scorebatch.api.engine.LookupEvidence}.
   */
  record Evidence() implements OutputValue {}
}
