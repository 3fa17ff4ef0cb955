package io.scorebatch.artifact.pickle;

/** A NumPy dtype met in a file. Its type is complete once the file is read. */
public final class PyDType {
  private DType type;
  private boolean built;

  public PyDType(DType type) {
    this.type = type;
  }

  public DType type() {
    return type;
  }

  /** Completes the type by its state; false where that was done before. */
  boolean complete(DType complete) {
    if (built) {
      return false;
    }
    type = complete;
    built = true;
    return true;
  }

  @Override
  public String toString() {
    return "dtype " + type;
  }
}
