package io.scorebatch.model.onnx;

import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.ForeignModelReader;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelOrigin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads what an ONNX file says of itself: inputs, class labels and output kinds; refuses files that
 * ONNX Runtime could not load. Loads no runtime and runs nothing. Stateless.
 */
public final class OnnxModelReader implements ForeignModelReader {
  /** The id of this runtime in {@link ForeignModel#runtime()}. */
  public static final String RUNTIME = "onnx";

  @Override
  public String runtime() {
    return RUNTIME;
  }

  @Override
  public Model complete(Model model, LoggedModel logged) {
    ForeignModel foreign = (ForeignModel) model.structure();
    OnnxFile file = OnnxFileReader.read(modelFile(foreign.artifact()));
    file.requireLoadable();
    OnnxInputs inputs = OnnxInputs.of(file, OnnxInputs.names(model, logged.signature()));
    OnnxAnswers answers = OnnxAnswers.of(file);
    ModelOrigin origin =
        new ModelOrigin(
            "onnx",
            "opset " + file.opsets().getOrDefault("ai.onnx", 0L),
            file.producer().isEmpty() ? model.origin().className() : file.producer(),
            RUNTIME);
    return new Model(
        origin,
        answers.task(),
        inputs.columns(),
        inputs.named(),
        answers.labels(),
        answers.kinds(),
        foreign);
  }

  /** The file itself, or the one ONNX file of a folder. */
  static Path modelFile(Path artifact) {
    Path inFolder = artifact.resolve("model.onnx");
    return Files.isDirectory(artifact) ? inFolder : artifact;
  }

  /** Names as the model gives them; none where they are not known. */
  static List<String> names(Model model) {
    return OnnxInputs.names(model, Optional.empty());
  }
}
