package io.scorebatch.client;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.model.python.PythonSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets Python answer rows with the library that trained the model, in the environment in which its
 * answer is one value: one thread, NumPy and BLAS without their AVX-512 kernels.
 */
final class PythonRecorder {
  private static final long MOST_MINUTES = 10;
  private static final int MOST_WORDS = 4000;
  private static final JsonMapper JSON = new JsonMapper();

  /** NumPy only warns about names it does not know. */
  private static final Map<String, String> REFERENCE =
      Map.of(
          "NPY_DISABLE_CPU_FEATURES",
              "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX512_SPR X86_V4",
          "OPENBLAS_CORETYPE", "Haswell",
          "OMP_NUM_THREADS", "1",
          "OPENBLAS_NUM_THREADS", "1",
          "MKL_NUM_THREADS", "1",
          "PYTHONIOENCODING", "utf-8",
          "MLFLOW_DISABLE_TELEMETRY", "true");

  private PythonRecorder() {}

  /**
   * Starts Python and has it answer.
   *
   * @param weights the file or folder Python loads
   * @param file where the recording is kept; replaced
   * @return the rows with what Python answered, empty cells where it refused a row
   */
  static Recording record(
      PythonSettings settings, ModelPackage model, Path weights, Recording rows, Path file) {
    if (!settings.allowed()) {
      throw RecordingErrors.pythonOff();
    }
    try (Scratch scratch = Scratch.folder()) {
      Path script = scratch.path().resolve("record.py");
      Path request = scratch.path().resolve("rows.json");
      Path log = scratch.path().resolve("log.txt");
      try (InputStream in = PythonRecorder.class.getResourceAsStream("record.py")) {
        if (in == null) {
          throw new IllegalStateException("record.py is not on the class path");
        }
        Files.copy(in, script);
      }
      Files.writeString(request, request(model, rows).toString());
      List<String> command =
          List.of(
              interpreter(settings),
              "-W",
              "ignore",
              script.toString(),
              weights.toAbsolutePath().toString(),
              request.toString(),
              file.toAbsolutePath().toString());
      run(command, scratch.path(), log);
      return RecordingFile.json(file, rows.source());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A relative path would be sought in the script's folder. */
  private static String interpreter(PythonSettings settings) {
    String name = settings.interpreter();
    return name.contains("/") || name.contains("\\")
        ? Path.of(name).toAbsolutePath().toString()
        : name;
  }

  private static void run(List<String> command, Path folder, Path log) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile());
    builder.environment().putAll(REFERENCE);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      throw RecordingErrors.pythonFailed(command.get(0), String.valueOf(e.getMessage()), e);
    }
    process.getOutputStream().close();
    try {
      if (!process.waitFor(MOST_MINUTES, TimeUnit.MINUTES)) {
        throw RecordingErrors.pythonFailed(
            command.get(0), "It took longer than " + MOST_MINUTES + " minutes.", null);
      }
      if (process.exitValue() != 0) {
        throw RecordingErrors.pythonFailed(command.get(0), "Python says:\n" + end(log), null);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while Python answered", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static String end(Path log) throws IOException {
    String text = new String(Files.readAllBytes(log), StandardCharsets.UTF_8).strip();
    return text.substring(Math.max(0, text.length() - MOST_WORDS));
  }

  private static ObjectNode request(ModelPackage model, Recording rows) {
    ObjectNode root = JSON.createObjectNode();
    root.put("named", model.model().namesKnown());
    ArrayNode text = root.putArray("text");
    model.model().inputs().forEach(input -> text.add(input.text()));
    ArrayNode kinds = root.putArray("kinds");
    model.model().outputKinds().stream().map(OutputKind::configName).sorted().forEach(kinds::add);
    ArrayNode columns = root.putArray("columns");
    rows.columns().forEach(columns::add);
    ArrayNode data = root.putArray("data");
    for (List<@Nullable Object> row : rows.rows()) {
      ArrayNode cells = data.addArray();
      row.forEach(value -> put(cells, value));
    }
    return root;
  }

  private static void put(ArrayNode cells, @Nullable Object value) {
    if (value == null) {
      cells.addNull();
    } else if (value instanceof String text) {
      cells.add(text);
    } else {
      double number = Recording.number(value).orElse(Double.NaN);
      if (Double.isFinite(number)) {
        cells.add(number);
      } else {
        cells.add(Double.toString(number));
      }
    }
  }
}
