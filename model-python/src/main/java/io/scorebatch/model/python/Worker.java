package io.scorebatch.model.python;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A Python process that has loaded a model. Used by one thread at a time; {@link #kill} by any. It
 * ends when its standard input does, so none outlives this JVM, however that ends.
 */
final class Worker {
  /** Reads the worker's script from standard input, so that no file of it lies about. */
  private static final String BOOTSTRAP =
      """
      import os
      def read(count):
          data = b""
          while len(data) < count:
              part = os.read(0, count - len(data))
              if not part:
                  os._exit(0)
              data += part
          return data
      script = read(int.from_bytes(read(4), "little"))
      exec(compile(script, "scorebatch_worker.py", "exec"), {"__name__": "scorebatch_worker"})
      """;

  private static final byte[] SCRIPT = script();
  private static final int MOST_WORDS = 4096;

  /** The process is gone before it answered. */
  static final class DiedException extends Exception {
    DiedException(String how, @Nullable Throwable cause) {
      super(how, cause);
    }
  }

  private final Path model;
  private final Process process;
  private final ExecutorService pipe;
  private final Thread listener;
  private final StringBuilder words = new StringBuilder();

  private Worker(Path model, Process process) {
    this.model = model;
    this.process = process;
    String name = "python-worker-" + process.pid();
    pipe = Executors.newSingleThreadExecutor(task -> daemon(task, name));
    listener = daemon(this::listen, name + "-errors");
    listener.start();
  }

  /**
   * Starts a process; {@link #load} waits until it is ready.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where the interpreter cannot be started
   */
  static Worker start(PythonSettings settings, Path model) {
    // A relative path would be sought in the worker's folder.
    String interpreter = settings.interpreter();
    if (interpreter.contains("/") || interpreter.contains("\\")) {
      interpreter = Path.of(interpreter).toAbsolutePath().toString();
    }
    ProcessBuilder builder = new ProcessBuilder(List.of(interpreter, "-c", BOOTSTRAP));
    // What a model writes to its folder does not end up in the user's.
    builder.directory(Path.of(System.getProperty("java.io.tmpdir")).toFile());
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    builder.environment().put("MLFLOW_DISABLE_TELEMETRY", "true");
    for (String threads : List.of("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")) {
      builder.environment().putIfAbsent(threads, "1");
    }
    try {
      return new Worker(model, builder.start());
    } catch (IOException e) {
      throw PythonErrors.cannotStart(settings.interpreter(), e);
    }
  }

  private static byte[] script() {
    try (InputStream in = Worker.class.getResourceAsStream("worker.py")) {
      if (in == null) {
        throw new IllegalStateException("worker.py is not on the class path");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  /**
   * Waits until the model is loaded.
   *
   * @throws io.scorebatch.api.error.ScorebatchException where Python cannot load it
   */
  void load(PythonSettings settings) throws DiedException {
    Frame frame =
        await(
            () -> {
              OutputStream out = process.getOutputStream();
              Frame.write(out, SCRIPT);
              Frame.write(out, model.toAbsolutePath().toString().getBytes(StandardCharsets.UTF_8));
              return Frame.read(process.getInputStream());
            },
            settings.startTimeout(),
            "load the model");
    if (frame.kind() != Frame.READY) {
      throw PythonErrors.cannotLoad(model, settings.interpreter(), frame.failure());
    }
  }

  /** Sends a block and waits for its answer. */
  Frame exchange(byte[] block, Duration timeout) throws DiedException {
    return await(
        () -> {
          Frame.write(process.getOutputStream(), block);
          return Frame.read(process.getInputStream());
        },
        timeout,
        "score a block");
  }

  /** The pipe has a thread of its own: one that waits on it cannot be interrupted. */
  private Frame await(Callable<Frame> task, Duration timeout, String doing) throws DiedException {
    Future<Frame> answer;
    try {
      answer = pipe.submit(task);
    } catch (java.util.concurrent.RejectedExecutionException e) {
      throw died(e);
    }
    try {
      return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      kill();
      throw PythonErrors.timedOut(model, doing, timeout, lastWords());
    } catch (InterruptedException e) {
      kill();
      Thread.currentThread().interrupt();
      throw PythonErrors.interrupted(model);
    } catch (ExecutionException e) {
      throw died(e.getCause());
    }
  }

  private DiedException died(@Nullable Throwable cause) {
    String how = "was lost";
    try {
      // A process that closed its pipes is about to end; its code says more than the pipe.
      if (process.waitFor(2, TimeUnit.SECONDS)) {
        int code = process.exitValue();
        how = code > 128 ? "was ended by signal " + (code - 128) : "ended with code " + code;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    kill();
    return new DiedException(how, cause);
  }

  /** The end of what it wrote to standard error. */
  String lastWords() {
    try {
      listener.join(500);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    synchronized (words) {
      return words.toString().strip();
    }
  }

  private void listen() {
    byte[] buffer = new byte[1024];
    try (InputStream errors = process.getErrorStream()) {
      for (int count = errors.read(buffer); count >= 0; count = errors.read(buffer)) {
        synchronized (words) {
          words.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
          words.delete(0, Math.max(0, words.length() - MOST_WORDS));
        }
      }
    } catch (IOException e) {
      // The process was ended; there is nothing more to hear.
    }
  }

  /** Ends the process and all it started, at once; returns when they are gone. */
  void kill() {
    List<ProcessHandle> family = process.descendants().toList();
    process.destroyForcibly();
    family.forEach(ProcessHandle::destroyForcibly);
    pipe.shutdownNow();
    boolean interrupted = Thread.interrupted();
    try {
      process.waitFor(10, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      interrupted = true;
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  long pid() {
    return process.pid();
  }

  /** Ends its standard input, as the end of this JVM would. */
  void hangUp() throws IOException {
    process.getOutputStream().close();
  }

  boolean awaitEnd(Duration timeout) throws InterruptedException {
    return process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS);
  }
}
