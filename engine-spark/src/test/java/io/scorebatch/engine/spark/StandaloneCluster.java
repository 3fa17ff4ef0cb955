package io.scorebatch.engine.spark;

import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.spark.sql.classic.SparkSession;

/** A real cluster on this machine: a master and two workers of one core, each a process. */
final class StandaloneCluster implements AutoCloseable {
  private final Path home;
  private final String master;
  private final List<Process> workers = new ArrayList<>();
  private final List<Process> all = new ArrayList<>();
  private final String classFolders;

  private StandaloneCluster(Path folder) throws IOException {
    this.home = folder.resolve("spark-home");
    Path jars = Files.createDirectories(home.resolve("jars"));
    List<String> folders = new ArrayList<>();
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path path = Path.of(entry).toAbsolutePath();
      if (Files.isDirectory(path)) {
        folders.add(path.toString());
      } else if (Files.exists(path)) {
        Path link = jars.resolve(path.getFileName());
        if (!Files.exists(link)) {
          Files.createSymbolicLink(link, path);
        }
      }
    }
    this.classFolders = String.join(File.pathSeparator, folders);
    int port = freePort();
    this.master = "spark://127.0.0.1:" + port;
    start("org.apache.spark.deploy.master.Master", "--port", port + "", "--webui-port", "0");
    awaitListening(port);
    for (int i = 0; i < 2; i++) {
      String work = home.resolve("work-" + i).toString();
      workers.add(
          start(
              "org.apache.spark.deploy.worker.Worker",
              "--cores",
              "1",
              "--memory",
              "1g",
              "--webui-port",
              "0",
              "--work-dir",
              work,
              master));
    }
  }

  static StandaloneCluster start(Path folder) throws IOException {
    return new StandaloneCluster(folder);
  }

  private Process start(String mainClass, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx256m");
    command.addAll(Arrays.asList(System.getProperty("scorebatch.addOpens").split(" ")));
    command.add("-cp");
    command.add(home.resolve("jars") + "/*" + File.pathSeparator + classFolders);
    command.add(mainClass);
    command.add("--host");
    command.add("127.0.0.1");
    command.addAll(Arrays.asList(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_IP", "127.0.0.1");
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.redirectErrorStream(true);
    builder.redirectOutput(home.resolve("process-" + all.size() + ".log").toFile());
    Process process = builder.start();
    all.add(process);
    return process;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void awaitListening(int port) throws IOException {
    long end = System.nanoTime() + 60_000_000_000L;
    while (true) {
      try {
        new Socket(InetAddress.getLoopbackAddress(), port).close();
        return;
      } catch (IOException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        java.util.concurrent.locks.LockSupport.parkNanos(100_000_000);
      }
    }
  }

  /** A driver in this JVM; shuffles rather than broadcasts. */
  SparkSession session() {
    return (SparkSession)
        org.apache.spark.sql.SparkSession.builder()
            .master(master)
            .appName("scorebatch cluster test")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.executor.memory", "600m")
            .config("spark.executor.extraClassPath", classFolders)
            .config("spark.sql.shuffle.partitions", "8")
            .config("spark.sql.adaptive.coalescePartitions.enabled", "false")
            .config("spark.sql.autoBroadcastJoinThreshold", "-1")
            .config("spark.sql.files.maxPartitionBytes", "64k")
            .config("spark.sql.files.openCostInBytes", "1")
            .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
            .config("spark.cores.max", "2")
            .getOrCreate();
  }

  /** Kills a worker and the executors it has started. */
  void killOneWorker() {
    Process worker = workers.remove(0);
    worker.descendants().collect(Collectors.toList()).forEach(ProcessHandle::destroyForcibly);
    worker.destroyForcibly();
  }

  @Override
  public void close() {
    for (Process process : all) {
      process.descendants().collect(Collectors.toList()).forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }
}
