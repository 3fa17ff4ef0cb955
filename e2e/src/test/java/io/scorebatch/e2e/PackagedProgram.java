package io.scorebatch.e2e;

import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The distribution as users run it: a process of its own. */
final class PackagedProgram {
  private PackagedProgram() {}

  /** What a run of the program gave. */
  record Result(int exitCode, String out, String err) {}

  static Result run(Path folder, String... arguments) {
    return run(folder, Map.of(), arguments);
  }

  static Result run(Path folder, Map<String, String> environment, String... arguments) {
    try {
      Path out = Files.createTempFile("out", ".txt");
      Path err = Files.createTempFile("err", ".txt");
      Process process = start(folder, environment, out, err, arguments);
      int code = process.waitFor();
      Result result = new Result(code, Files.readString(out), Files.readString(err));
      Files.delete(out);
      Files.delete(err);
      return result;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static Process start(
      Path folder, Map<String, String> environment, Path out, Path err, String... arguments)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--add-opens=java.base/java.nio=ALL-UNNAMED",
                "-cp",
                Fixtures.root().resolve("cli/target/dist/lib") + "/*",
                "io.scorebatch.cli.Scorebatch"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("MLFLOW_"));
    builder.environment().remove("SCOREBATCH_TABLES");
    builder.environment().putAll(environment);
    return builder.start();
  }

  static String text(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
