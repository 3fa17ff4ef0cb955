package io.scorebatch.table.delta;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Stands before an S3 store, passes every request on and records it; a test may change what passes.
 */
class S3Proxy implements AutoCloseable {
  private static final Set<String> NOT_PASSED =
      Set.of("host", "connection", "content-length", "expect", "upgrade", "transfer-encoding");

  private final HttpClient client = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final HttpServer server;
  private final String target;

  /** Passes on to the store at that address. */
  S3Proxy(String target) {
    this.target = target;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::pass);
    server.start();
  }

  /** The query as it is passed on. */
  String query(String method, String path, String query) {
    return query;
  }

  /** Whether a header is passed on. */
  boolean passes(String header) {
    return true;
  }

  /** The status to answer with, whatever the store did. */
  int status(String method, String path, int status) {
    return status;
  }

  /** How many bytes of a body are sent before the connection breaks; all of them by default. */
  int sent(String method, String path, int length) {
    return length;
  }

  /** Sees what is asked for. */
  void headers(String method, String path, Headers headers) {}

  private void pass(HttpExchange http) throws IOException {
    try (http) {
      String method = http.getRequestMethod();
      String path = http.getRequestURI().getRawPath();
      String asked = http.getRequestURI().getRawQuery();
      String query = query(method, path, asked == null ? "" : asked);
      requests.add(method + " " + path + (query.isEmpty() ? "" : "?" + query));
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(target + path + (query.isEmpty() ? "" : "?" + query)))
              .method(method, BodyPublishers.ofByteArray(http.getRequestBody().readAllBytes()));
      headers(method, path, http.getRequestHeaders());
      http.getRequestHeaders()
          .forEach(
              (name, values) -> {
                if (!NOT_PASSED.contains(name.toLowerCase(Locale.ROOT)) && passes(name)) {
                  values.forEach(value -> request.header(name, value));
                }
              });
      HttpResponse<byte[]> response = client.send(request.build(), BodyHandlers.ofByteArray());
      response
          .headers()
          .map()
          .forEach(
              (name, values) -> {
                boolean length = name.equalsIgnoreCase("content-length");
                if (!name.startsWith(":") && (!length || method.equals("HEAD"))) {
                  http.getResponseHeaders().put(name, values);
                }
              });
      http.getResponseHeaders().remove("Connection");
      http.getResponseHeaders().remove("Transfer-Encoding");
      int status = status(method, path, response.statusCode());
      http.sendResponseHeaders(status, response.body().length == 0 ? -1 : response.body().length);
      int sent = sent(method, path, response.body().length);
      http.getResponseBody().write(response.body(), 0, sent);
      http.getResponseBody().flush();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  String address() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** What was asked so far, in the form {@code GET /bucket/key?query}. */
  List<String> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
