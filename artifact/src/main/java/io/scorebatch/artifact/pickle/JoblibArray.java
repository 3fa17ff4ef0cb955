package io.scorebatch.artifact.pickle;

/** An array's description in a joblib file; the array's bytes follow it in the file. */
final class JoblibArray {
  static final String CLASS_NAME = "joblib.numpy_pickle.NumpyArrayWrapper";

  private final DType type;
  private final int[] shape;
  private final boolean fortran;
  private final boolean padded;

  JoblibArray(PyObject wrapper) {
    if (!(wrapper.attribute("dtype") instanceof PyDType dtype)) {
      throw PickleErrors.attributeType(
          wrapper.owner(), "dtype", PickleErrors.describe(wrapper.find("dtype")), "a dtype");
    }
    this.type = dtype.type();
    this.shape = Constructors.shape(wrapper.attribute("shape"));
    this.fortran = wrapper.text("order").equals("F");
    this.padded = wrapper.has("numpy_array_alignment_bytes");
  }

  DType type() {
    return type;
  }

  int[] shape() {
    return shape;
  }

  boolean fortran() {
    return fortran;
  }

  /** Whether a byte that counts padding, and the padding, come before the data. */
  boolean padded() {
    return padded;
  }
}
