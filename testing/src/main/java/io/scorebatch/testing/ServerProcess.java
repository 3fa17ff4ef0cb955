package io.scorebatch.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A real server on this machine, an MLflow server or an S3 store, that ends with the test. Its
 * folder keeps what it logs.
 */
public final class ServerProcess implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(5);

  private final Process process;
  private final String address;

  private ServerProcess(Process process, String address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts an empty MLflow server and waits until it answers.
   *
   * @param folder it works in; its database and its log are there
   * @param options of {@code mlflow server}
   */
  public static ServerProcess mlflow(
      PythonEnvironment python, Path folder, Map<String, String> variables, String... options) {
    int port = freePort();
    List<String> command =
        new ArrayList<>(
            List.of(
                "-m",
                "mlflow",
                "server",
                "--host",
                "127.0.0.1",
                "--port",
                Integer.toString(port),
                "--workers",
                "1",
                "--backend-store-uri",
                "sqlite:///mlflow.db"));
    command.addAll(List.of(options));
    return start(python, folder, port, "/health", variables, command);
  }

  /** Starts an S3 store, moto's, that holds nothing but some empty buckets. */
  public static ServerProcess s3(PythonEnvironment python, Path folder, String... buckets) {
    int port = freePort();
    Path script = Fixtures.root().resolve("testing/src/main/python/s3_server.py");
    ServerProcess server =
        start(
            python,
            folder,
            port,
            "/moto-api/",
            Map.of(),
            List.of(script.toString(), Integer.toString(port)));
    for (String bucket : buckets) {
      server.put("/" + bucket);
    }
    return server;
  }

  private static ServerProcess start(
      PythonEnvironment python,
      Path folder,
      int port,
      String ready,
      Map<String, String> variables,
      List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(python.python().toString()));
    command.addAll(arguments);
    Path log = folder.resolve("server.log");
    try {
      Files.createDirectories(folder);
      ProcessBuilder builder = new ProcessBuilder(command);
      builder.directory(folder.toFile()).redirectErrorStream(true).redirectOutput(log.toFile());
      // The server starts helpers of its own by name.
      builder
          .environment()
          .put("PATH", python.python().getParent() + File.pathSeparator + System.getenv("PATH"));
      builder.environment().put("MLFLOW_DISABLE_TELEMETRY", "true");
      builder.environment().putAll(variables);
      ServerProcess server = new ServerProcess(builder.start(), "http://127.0.0.1:" + port);
      try {
        server.awaitAnswer(ready, log);
        return server;
      } catch (IOException | RuntimeException | AssertionError e) {
        server.close();
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String address() {
    return address;
  }

  private void awaitAnswer(String ready, Path log) throws IOException {
    HttpClient client = HttpClient.newHttpClient();
    HttpRequest request = HttpRequest.newBuilder(URI.create(address + ready)).build();
    long end = System.nanoTime() + START.toNanos();
    while (System.nanoTime() < end && process.isAlive()) {
      try {
        if (client.send(request, BodyHandlers.discarding()).statusCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // Not yet.
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      pause();
    }
    throw new AssertionError("the server did not start:\n" + Files.readString(log));
  }

  private void put(String path) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address + path)).PUT(BodyPublishers.noBody()).build();
    try {
      int status = HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode();
      if (status != 200) {
        throw new AssertionError("PUT " + path + " was answered with " + status);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(200);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
