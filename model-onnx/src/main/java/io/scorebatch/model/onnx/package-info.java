/** ONNX files: what they say of themselves, and scoring them with ONNX Runtime. */
@NullMarked
package io.scorebatch.model.onnx;

import org.jspecify.annotations.NullMarked;
