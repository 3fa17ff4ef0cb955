package io.scorebatch.model.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.RunOptions;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Scores ONNX files with ONNX Runtime, which computes in float32 where the file says so: scores
 * agree with those of the library that trained the model within 1e-5 of the largest of them.
 * Thread-safe; the runtime is loaded with the first scorer.
 */
public final class OnnxScorerFactory implements ScorerFactory {
  @Override
  public boolean supports(Model model) {
    return model.structure() instanceof ForeignModel foreign
        && foreign.runtime().equals(OnnxModelReader.RUNTIME);
  }

  @Override
  public Scorer create(Model model, List<OutputKind> kinds) {
    Path path = OnnxModelReader.modelFile(((ForeignModel) model.structure()).artifact());
    OnnxFile file = OnnxFileReader.read(path);
    file.requireLoadable();
    OnnxInputs inputs = OnnxInputs.of(file, OnnxModelReader.names(model));
    OnnxAnswers answers = OnnxAnswers.of(file);
    List<Reading> readings = new ArrayList<>();
    for (OutputKind kind : kinds) {
      List<Reading> found = answers.readings().get(kind);
      if (found == null) {
        throw OnnxErrors.kindUnavailable(
            path, kind, answers.kinds().stream().sorted(Comparator.naturalOrder()).toList());
      }
      readings.addAll(found);
    }
    OrtSession session = session(file, readings);
    try {
      return new OnnxScorer(path, session, new RunOptions(), inputs, answers.labels(), readings);
    } catch (OrtException e) {
      throw OnnxErrors.failed(path, "run", e);
    }
  }

  /** One thread a session: blocks are scored by as many threads as the engine has. */
  private static OrtSession session(OnnxFile file, List<Reading> readings) {
    Set<String> hidden =
        readings.stream().map(reading -> reading.output().name()).collect(Collectors.toSet());
    file.outputs().forEach(output -> hidden.remove(output.name()));
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setIntraOpNumThreads(1);
      options.setInterOpNumThreads(1);
      options.setExecutionMode(OrtSession.SessionOptions.ExecutionMode.SEQUENTIAL);
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL);
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      return hidden.isEmpty()
          ? environment.createSession(file.path().toString(), options)
          : environment.createSession(withOutputs(file.path(), hidden), options);
    } catch (OrtException | IOException e) {
      throw OnnxErrors.failed(file.path(), "load", e);
    }
  }

  /**
   * The file with further outputs. Messages of the same field merge in protobuf, so a graph that
   * has nothing but outputs, written behind the model, adds them to its graph.
   */
  private static byte[] withOutputs(Path path, Set<String> names) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    Files.copy(path, bytes);
    for (String name : names) {
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      bytes.writeBytes(field(7, field(12, field(1, text))));
    }
    return bytes.toByteArray();
  }

  private static byte[] field(int number, byte[] content) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(number << 3 | 2);
    int length = content.length;
    for (; length > 0x7F; length >>>= 7) {
      bytes.write(length & 0x7F | 0x80);
    }
    bytes.write(length);
    bytes.writeBytes(content);
    return bytes.toByteArray();
  }
}
