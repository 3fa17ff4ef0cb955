package io.scorebatch.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** A small HTTP server on this machine whose answers a test decides; records what it was asked. */
public final class FakeServer implements AutoCloseable {
  /** Decides the answer to one request. */
  public interface Route {
    void answer(Exchange exchange) throws IOException;
  }

  /** A request as it came. */
  public record Recorded(
      String method, String target, @Nullable String authorization, String body) {
    @Override
    public String toString() {
      return method + " " + target;
    }
  }

  /** One request and the ways to answer it. */
  public record Exchange(HttpExchange http, Recorded request) {
    public void json(int status, String body) throws IOException {
      http.getResponseHeaders().set("Content-Type", "application/json");
      bytes(status, body.getBytes(StandardCharsets.UTF_8));
    }

    public void bytes(int status, byte[] body) throws IOException {
      http.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
      http.getResponseBody().write(body);
    }

    /** Promises a length and breaks the connection after a part of it. */
    public void broken(int status, byte[] body, int length) throws IOException {
      http.sendResponseHeaders(status, length);
      http.getResponseBody().write(body);
      http.getResponseBody().flush();
      // Closing without the rest makes the server drop the connection.
      http.close();
    }

    public void header(String name, String value) {
      http.getResponseHeaders().set(name, value);
    }

    public @Nullable String header(String name) {
      return http.getRequestHeaders().getFirst(name);
    }
  }

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpServer server;
  private final boolean tls;
  private final Map<String, Route> routes = Collections.synchronizedMap(new LinkedHashMap<>());
  private final List<Recorded> requests = Collections.synchronizedList(new ArrayList<>());

  public FakeServer() {
    this(0, null);
  }

  public FakeServer(int port) {
    this(port, null);
  }

  public FakeServer(int port, @Nullable SSLContext tls) {
    this.tls = tls != null;
    InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    try {
      if (tls == null) {
        server = HttpServer.create(address, 0);
      } else {
        HttpsServer secure = HttpsServer.create(address, 0);
        secure.setHttpsConfigurator(new HttpsConfigurator(tls));
        server = secure;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private void handle(HttpExchange http) throws IOException {
    try (http) {
      Recorded request =
          new Recorded(
              http.getRequestMethod(),
              http.getRequestURI().toString(),
              http.getRequestHeaders().getFirst("Authorization"),
              new String(http.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
      requests.add(request);
      Route route = routes.get(request.target());
      if (route == null) {
        route = routes.get(http.getRequestURI().getRawPath());
      }
      Exchange exchange = new Exchange(http, request);
      if (route == null) {
        exchange.json(404, "{\"error_code\": \"RESOURCE_DOES_NOT_EXIST\", \"message\": \"no\"}");
      } else {
        route.answer(exchange);
      }
    }
  }

  /** Answers this path, with or without its query. */
  public FakeServer on(String target, Route route) {
    routes.put(target, route);
    return this;
  }

  public FakeServer json(String target, String body) {
    return on(target, exchange -> exchange.json(200, body));
  }

  public String address() {
    return (tls ? "https" : "http") + "://127.0.0.1:" + port();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public List<Recorded> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  public List<String> targets() {
    return requests().stream().map(Recorded::toString).toList();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
