package io.scorebatch.registry.mlflow;

import static io.scorebatch.registry.mlflow.LocalStoreTest.assertFailure;
import static org.assertj.core.api.Assertions.assertThat;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.remote.Credentials;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.HttpSettings;
import io.scorebatch.testing.FakeServer;
import io.scorebatch.testing.FakeServer.Exchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DownloadCacheTest {
  private static final String LIST = "/api/2.0/mlflow-artifacts/artifacts?path=1%2Fm";
  private static final String FILES = "/api/2.0/mlflow-artifacts/artifacts/1/m/";
  private static final byte[] MLMODEL = "flavors: {}\n".getBytes(StandardCharsets.UTF_8);
  private static final byte[] WEIGHTS = new byte[300_000];

  static {
    new Random(7).nextBytes(WEIGHTS);
  }

  @TempDir Path folder;
  private FakeServer server = new FakeServer();

  @AfterEach
  void stop() {
    server.close();
  }

  private Path fetch() {
    return fetch(1 << 20, 3);
  }

  private Path fetch(long maxBytes, int tries) {
    return fetch(maxBytes, tries, "60");
  }

  private Path fetch(long maxBytes, int tries, String timeoutSeconds) {
    HttpSettings http =
        HttpSettings.of(
            Stores.settings(folder)
                .withEnvironment(
                    Map.of(
                        "MLFLOW_HTTP_REQUEST_TIMEOUT",
                        timeoutSeconds,
                        "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR",
                        "0.05",
                        "MLFLOW_HTTP_REQUEST_MAX_RETRIES",
                        Integer.toString(tries - 1)))
                .variables(),
            ErrorCode.REGISTRY_UNREADABLE);
    HttpService service =
        new HttpService("server S", server.address(), () -> Credentials.NONE, "", Map.of(), http);
    return new DownloadCache(folder.resolve("cache"), maxBytes, 400_000, http.patience())
        .fetch(ServedFolder.proxied(service, "1/m"));
  }

  private static String file(String path, long bytes) {
    return "{\"path\": \"" + path + "\", \"is_dir\": false, \"file_size\": " + bytes + "}";
  }

  private static String directory(String path) {
    return "{\"path\": \"" + path + "\", \"is_dir\": true}";
  }

  private static String files(String... files) {
    return "{\"files\": [" + String.join(", ", files) + "]}";
  }

  /** A model of two files. */
  private FakeServer model() {
    return server
        .json(LIST, files(file("MLmodel", MLMODEL.length), file("model.pkl", WEIGHTS.length)))
        .on(FILES + "MLmodel", exchange -> exchange.bytes(200, MLMODEL))
        .on(FILES + "model.pkl", DownloadCacheTest::resumable);
  }

  private static void resumable(Exchange exchange) throws IOException {
    exchange.header("ETag", "\"1\"");
    String range = exchange.header("Range");
    if (range == null) {
      exchange.bytes(200, WEIGHTS);
    } else {
      int from = Integer.parseInt(range.replaceAll("[^0-9]", ""));
      exchange.header(
          "Content-Range", "bytes " + from + "-" + (WEIGHTS.length - 1) + "/" + WEIGHTS.length);
      exchange.bytes(206, Arrays.copyOfRange(WEIGHTS, from, WEIGHTS.length));
    }
  }

  private long asked(String target) {
    return server.targets().stream().filter(each -> each.equals("GET " + target)).count();
  }

  private List<String> inCache() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("cache"))) {
      return files
          .filter(Files::isRegularFile)
          .map(file -> folder.resolve("cache").relativize(file).toString())
          .filter(name -> !name.startsWith("locks"))
          .sorted()
          .toList();
    }
  }

  @Test
  void downloadsOnceAndAsksOnlyForTheListAndTheMlmodelLater() {
    model();
    Path first = fetch();
    assertThat(first.resolve("model.pkl")).hasBinaryContent(WEIGHTS);
    assertThat(first.getFileName().toString()).matches("[0-9a-f]{64}");
    assertThat(fetch()).isEqualTo(first);
    assertThat(asked(FILES + "model.pkl")).isEqualTo(1);
  }

  @Test
  void bringsFoldersInFolders() {
    model()
        .json(
            LIST,
            files(file("MLmodel", MLMODEL.length), directory("data"), file("requirements.txt", 0)))
        .json(LIST + "%2Fdata", files(directory("raw model")))
        .json(LIST + "%2Fdata%2Fraw%20model", files(file("a+b.bin", 3)))
        .on(FILES + "requirements.txt", exchange -> exchange.bytes(200, new byte[0]))
        .on(
            FILES + "data/raw%20model/a%2Bb.bin",
            exchange -> exchange.bytes(200, new byte[] {1, 2, 3}));
    Path model = fetch();
    assertThat(model.resolve("data/raw model/a+b.bin")).hasBinaryContent(new byte[] {1, 2, 3});
    assertThat(model.resolve("requirements.txt")).isEmptyFile();
  }

  @Test
  void seesAModelLoggedAnewInItsPlaceWithTheSameSizes() {
    model();
    Path first = fetch();
    server.on(
        FILES + "MLmodel",
        exchange -> exchange.bytes(200, "flavors: []\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(fetch()).isNotEqualTo(first);
    assertThat(asked(FILES + "model.pkl")).isEqualTo(2);
  }

  @Test
  void keepsEqualFilesOfTwoServersOnce() {
    model();
    Path first = fetch();
    server.close();
    server = new FakeServer();
    model();
    assertThat(fetch()).isEqualTo(first);
  }

  @Test
  void fetchesAgainWhatSomeoneChangedInTheCache() throws IOException {
    model();
    Path first = fetch();
    Files.write(first.resolve("model.pkl"), new byte[WEIGHTS.length]);
    assertThat(fetch()).isEqualTo(first);
    assertThat(first.resolve("model.pkl")).hasBinaryContent(WEIGHTS);
    assertThat(asked(FILES + "model.pkl")).isEqualTo(2);
  }

  @Test
  void removesModelsNobodyUsesWhereAllTogetherWeighTooMuch() throws IOException {
    model();
    Path first = fetch();
    server.on(
        FILES + "MLmodel",
        exchange -> exchange.bytes(200, "flavors: []\n".getBytes(StandardCharsets.UTF_8)));
    assertThat(fetch()).isNotEqualTo(first);
    assertThat(first.resolve("model.pkl")).as("used within a day").hasBinaryContent(WEIGHTS);
    Files.setLastModifiedTime(first, FileTime.from(Instant.now().minus(Duration.ofDays(2))));
    server.on(
        FILES + "MLmodel",
        exchange -> exchange.bytes(200, "flavors: 00\n".getBytes(StandardCharsets.UTF_8)));
    Path third = fetch();
    assertThat(first).doesNotExist();
    assertThat(third.resolve("model.pkl")).hasBinaryContent(WEIGHTS);
    model();
    assertThat(fetch()).as("fetched again where it is wanted").isEqualTo(first);
    assertThat(first.resolve("model.pkl")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void goesOnWhereTheConnectionBroke() {
    List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    model()
        .on(
            FILES + "model.pkl",
            exchange -> {
              ranges.add(exchange.header("Range") + " " + exchange.header("If-Range"));
              if (ranges.size() == 1) {
                exchange.header("ETag", "\"1\"");
                exchange.broken(200, Arrays.copyOf(WEIGHTS, 100_000), WEIGHTS.length);
              } else {
                resumable(exchange);
              }
            });
    assertThat(fetch().resolve("model.pkl")).hasBinaryContent(WEIGHTS);
    assertThat(ranges).hasSize(2);
    // How much of a broken answer arrives is the network's choice; it may be nothing.
    assertThat(ranges.get(1)).matches("bytes=[0-9]+- \"1\"|null null");
  }

  @Test
  void beginsAFileAnewWhereTheServerCannotGoOn() {
    AtomicInteger times = new AtomicInteger();
    model()
        .on(
            FILES + "model.pkl",
            exchange -> {
              if (times.getAndIncrement() == 0) {
                exchange.broken(200, new byte[100_000], WEIGHTS.length);
              } else {
                exchange.bytes(200, WEIGHTS);
              }
            });
    assertThat(fetch().resolve("model.pkl")).hasBinaryContent(WEIGHTS);
  }

  @Test
  void goesOnInALaterRunAfterTheServerWasKilledAndStartedAgain() throws IOException {
    model()
        .on(
            FILES + "model.pkl",
            exchange -> exchange.broken(200, Arrays.copyOf(WEIGHTS, 200_000), WEIGHTS.length));
    assertFailure(
        () -> fetch(1 << 20, 1),
        ErrorCode.REGISTRY_UNREADABLE,
        "Downloading 'model.pkl' from mlflow-artifacts:/1/m of the server S did not succeed.",
        "Fix: run again; what was downloaded is kept.");
    assertThat(inCache()).noneMatch(name -> name.startsWith("models"));
    String part =
        inCache().stream()
            .filter(name -> name.matches("partial/.*/model.pkl.part"))
            .findFirst()
            .orElseThrow();
    // As if all that was sent had also arrived.
    Files.write(folder.resolve("cache").resolve(part), Arrays.copyOf(WEIGHTS, 200_000));
    int port = server.port();
    server.close();
    server = new FakeServer(port);
    List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    model()
        .on(
            FILES + "model.pkl",
            exchange -> {
              ranges.add(String.valueOf(exchange.header("Range")));
              resumable(exchange);
            });
    assertThat(fetch().resolve("model.pkl")).hasBinaryContent(WEIGHTS);
    assertThat(ranges).containsExactly("bytes=200000-");
    assertThat(inCache()).noneMatch(name -> name.startsWith("partial"));
  }

  @Test
  void givesUpOnAConnectionFromWhichNothingComes() {
    model()
        .on(
            FILES + "model.pkl",
            exchange -> {
              exchange.http().sendResponseHeaders(200, WEIGHTS.length);
              exchange.http().getResponseBody().write(WEIGHTS, 0, 1000);
              exchange.http().getResponseBody().flush();
              try {
                Thread.sleep(60_000);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    assertFailure(
        () -> fetch(1 << 20, 1, "3"),
        ErrorCode.REGISTRY_UNREADABLE,
        "The connection broke: nothing came for 3 s (1 try without a further byte).");
  }

  @Test
  void givesUpWhereAFileIsAlwaysShort() {
    model().on(FILES + "model.pkl", exchange -> exchange.bytes(200, new byte[10]));
    assertFailure(
        () -> fetch(),
        ErrorCode.REGISTRY_UNREADABLE,
        "It ended after 10 of 300000 bytes (3 tries without a further byte).");
  }

  @Test
  void refusesAFileLongerThanListed() throws IOException {
    model().on(FILES + "model.pkl", exchange -> exchange.bytes(200, new byte[400_000]));
    assertFailure(
        () -> fetch(),
        ErrorCode.MODEL_REFUSED,
        "File 'model.pkl' is longer than the 300000 bytes that the server lists.");
    assertThat(inCache()).noneMatch(name -> name.contains("model.pkl"));
  }

  @Test
  void refusesMoreBytesThanAllowedBeforeTheFirst() {
    model();
    assertFailure(
        () -> fetch(1000, 3),
        ErrorCode.MODEL_REFUSED,
        "They hold 300012 bytes; at most 1000 are allowed.");
    assertThat(asked(FILES + "model.pkl")).isZero();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../evil",
        "/etc/passwd",
        "..",
        ".",
        "",
        "a/b",
        "..\\\\evil",
        "C:evil",
        "nul\\u0000",
      })
  void refusesNamesThatLeadOutOfTheFolder(String name) {
    model().json(LIST, files(file("MLmodel", MLMODEL.length), file(name, 3)));
    assertFailure(() -> fetch(), ErrorCode.MODEL_REFUSED, "which leads out of the folder.");
    assertThat(folder.resolve("cache")).doesNotExist();
  }

  @Test
  void refusesAListThatNeverEnds() {
    model().json(LIST, files(file("MLmodel", MLMODEL.length), directory("a")));
    String nested = LIST;
    for (int i = 0; i < 3; i++) {
      nested = nested + "%2Fa";
      server.json(nested, files(directory("a")));
    }
    server.json(nested, files(file("x", 1), file("x", 1)));
    assertFailure(() -> fetch(), ErrorCode.MODEL_REFUSED, "The server lists 'a/a/a/x' twice.");
  }

  @Test
  void threadsThatWantTheSameModelDownloadItOnce() throws Exception {
    model();
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Path>> models =
          threads.invokeAll(
              List.<Callable<Path>>of(this::fetch, this::fetch, this::fetch, this::fetch));
      Path first = models.get(0).get();
      for (Future<Path> model : models) {
        assertThat(model.get()).isEqualTo(first);
      }
    } finally {
      threads.shutdownNow();
    }
    assertThat(asked(FILES + "model.pkl")).isEqualTo(1);
  }

  @Test
  void processesThatWantTheSameModelDownloadItOnce() throws Exception {
    CountDownLatch both = new CountDownLatch(2);
    model()
        .on(
            FILES + "MLmodel",
            exchange -> {
              // Neither process gets past the first step before both are there.
              both.countDown();
              try {
                both.await(60, TimeUnit.SECONDS);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              exchange.bytes(200, MLMODEL);
            });
    List<Process> processes = List.of(fetchInAnotherProcess(), fetchInAnotherProcess());
    Set<String> folders = new HashSet<>();
    for (Process process : processes) {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor()).as(output).isZero();
      folders.add(output.strip().lines().reduce((first, last) -> last).orElse(""));
    }
    assertThat(folders).hasSize(1);
    assertThat(Path.of(folders.iterator().next()).resolve("model.pkl")).hasBinaryContent(WEIGHTS);
    assertThat(asked(FILES + "model.pkl")).isEqualTo(1);
  }

  private Process fetchInAnotherProcess() throws IOException {
    String classPath =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-cp",
            classPath,
            Fetch.class.getName(),
            server.address(),
            folder.resolve("cache").toString())
        .redirectErrorStream(true)
        .start();
  }

  /** Fetches the model and prints where it is. */
  static final class Fetch {
    private Fetch() {}

    public static void main(String[] arguments) {
      Path cache = Path.of(arguments[1]);
      HttpSettings http =
          HttpSettings.of(Stores.settings(cache).variables(), ErrorCode.REGISTRY_UNREADABLE);
      HttpService service =
          new HttpService("server S", arguments[0], () -> Credentials.NONE, "", Map.of(), http);
      System.out.println(
          new DownloadCache(cache, 1 << 20, 1 << 20, http.patience())
              .fetch(ServedFolder.proxied(service, "1/m")));
    }
  }

  @Test
  void saysThatTheCacheFolderCannotBeUsed() throws IOException {
    model();
    Files.writeString(folder.resolve("cache"), "a file");
    assertFailure(
        () -> fetch(),
        ErrorCode.FILE_UNREADABLE,
        "The folder for downloaded models, ",
        "Fix: make it writable, free space on its disk, or name another one.");
  }
}
