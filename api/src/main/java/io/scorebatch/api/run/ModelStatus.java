package io.scorebatch.api.run;

/** How a model of a pipeline ended. */
public enum ModelStatus {
  /** Its predictions are committed. */
  SUCCESS,
  /** Something failed; its table is as it was. */
  FAILED,
  /** The registry has no such model, version or alias. */
  NOT_FOUND,
  /** Not run: not selected, the run was stopped first, or only planned. */
  SKIPPED
}
