package io.scorebatch.pipeline.gate;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.pipeline.config.Gates.Golden;
import io.scorebatch.pipeline.gate.Verdicts.Fault;
import io.scorebatch.pipeline.gate.Verdicts.Topic;
import java.util.OptionalDouble;

/** The gate over rows that were recorded in Python. Pure. */
public final class GoldenRows {
  private GoldenRows() {}

  /**
   * Judges a comparison.
   *
   * @param rows rows compared
   * @param same whether all scores are Python's, within the tolerance of the model's family
   * @param worst the score that differs most, with both values
   */
  public static void check(
      String modelName, Golden golden, long rows, boolean same, String worst, Verdicts verdicts) {
    verdicts.settle(
        new Topic("golden_rows", "", ErrorCode.GOLDEN_ROWS_DIFFER),
        same,
        golden.onDifference(),
        OptionalDouble.of((double) rows),
        "Python's scores",
        new Fault(
            "Model '"
                + modelName
                + "' does not give the recorded scores of "
                + golden.file()
                + " ("
                + worst
                + ")",
            "The file was recorded with this model's own scores.",
            "run 'scorebatch verify' to see every difference, or record the rows of this version."));
  }
}
