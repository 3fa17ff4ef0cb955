package io.scorebatch.kernel;

import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Response;

/** An estimator that works out raw scores and answers as its {@link Response} says. */
abstract class RawPredictor implements Predictor {
  private final Responses responses;

  RawPredictor(Response response, int raws) {
    this.responses = new Responses(response, raws);
  }

  /** One array of raw scores an output, at least {@code in.rows} long. */
  abstract double[][] raw(Frame in);

  @Override
  public int width(OutputKind kind) {
    return responses.width(kind);
  }

  @Override
  public int classes() {
    return responses.classes();
  }

  @Override
  public void answer(Frame in, Answers out) {
    responses.answer(raw(in), in.rows, out);
  }
}
