package io.scorebatch.model.onnx;

import io.scorebatch.api.model.ScoreColumn;

/**
 * How a column of scores is read from an output. Immutable.
 *
 * @param column the column
 * @param output the output it is read from, or a value inside the graph
 * @param position column of the output's rows
 * @param width columns the output's rows must have
 * @param form how the output holds it
 */
record Reading(ScoreColumn column, GraphValue output, int position, int width, Form form) {
  /** How an output holds a column. */
  enum Form {
    /** Numbers of a tensor. */
    NUMBERS,
    /** Labels of a tensor, to be looked up among the classes. */
    LABELS,
    /** Strings of a tensor. */
    TEXTS
  }
}
