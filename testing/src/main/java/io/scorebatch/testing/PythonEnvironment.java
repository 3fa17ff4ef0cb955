package io.scorebatch.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/**
 * A Python with pinned packages, for tests that check us against the real libraries.
 *
 * <p>The packages are installed once into {@code target/python/<hash of the requirements>} at the
 * root of the checkout and reused by every later run. The interpreter is {@code python3}, or what
 * the environment variable {@code SCOREBATCH_TEST_PYTHON} names. Where there is none, the test is
 * skipped in one line that names it. Thread-safe, also across processes.
 */
public final class PythonEnvironment {
  private static final String VARIABLE = "SCOREBATCH_TEST_PYTHON";

  private final Path python;

  private PythonEnvironment(Path python) {
    this.python = python;
  }

  /**
   * The environment that holds these packages; made where it does not exist.
   *
   * @param requirements a pinned requirements file
   * @param test the test that needs it, for the line that says it was skipped
   * @throws IllegalStateException where there is a Python but the packages cannot be installed
   */
  public static PythonEnvironment require(Path requirements, Class<?> test) {
    String interpreter = System.getenv().getOrDefault(VARIABLE, "python3");
    String version = "";
    try {
      version = run(List.of(interpreter, "--version"), Path.of("."), Map.of()).strip();
    } catch (IOException e) {
      String skipped = "SKIPPED (no Python): " + test.getSimpleName();
      System.out.println(skipped);
      Assumptions.abort(skipped);
    }
    try {
      return new PythonEnvironment(install(interpreter, version, requirements));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Runs a script and returns what it wrote to standard output and error.
   *
   * @throws AssertionError with all output where it ends with another code than 0
   */
  public String run(Path script, String... arguments) {
    return run(Map.of(), script, arguments);
  }

  /** As {@link #run(Path, String...)}, with further environment variables. */
  public String run(Map<String, String> environment, Path script, String... arguments) {
    List<String> command = new ArrayList<>(List.of(python.toString(), script.toString()));
    command.addAll(List.of(arguments));
    try {
      return run(command, Path.of("."), environment);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The interpreter, for tests that start it themselves. */
  public Path python() {
    return python;
  }

  private static Path install(String interpreter, String version, Path requirements)
      throws IOException {
    String pins = Files.readString(requirements);
    Path all = Files.createDirectories(Fixtures.root().resolve("target/python"));
    String name = hash(interpreter + '\n' + version + '\n' + pins);
    Path home = all.resolve(name);
    Path python =
        home.resolve(
            System.getProperty("os.name").startsWith("Windows")
                ? "Scripts/python.exe"
                : "bin/python");
    Path ready = home.resolve("ready");
    // The lock keeps two builds from installing at once; threads of one JVM wait on the monitor.
    synchronized (PythonEnvironment.class) {
      try (FileChannel channel =
              FileChannel.open(
                  all.resolve(name + ".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid() && !Files.exists(ready)) {
          run(List.of(interpreter, "-m", "venv", "--clear", home.toString()), all, Map.of());
          run(
              List.of(
                  python.toString(),
                  "-m",
                  "pip",
                  "install",
                  "--quiet",
                  "--disable-pip-version-check",
                  "-r",
                  requirements.toAbsolutePath().toString()),
              all,
              Map.of());
          Files.writeString(ready, pins);
        }
      }
    }
    return python;
  }

  private static String run(List<String> command, Path folder, Map<String, String> environment)
      throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.directory(folder.toFile()).redirectErrorStream(true);
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    builder.environment().putAll(environment);
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int code = process.waitFor();
      if (code != 0) {
        throw new AssertionError(String.join(" ", command) + " ended with " + code + "\n" + output);
      }
      return output;
    } catch (InterruptedException e) {
      process.destroy();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting for " + command.get(0), e);
    }
  }

  private static String hash(String text) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 6);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
