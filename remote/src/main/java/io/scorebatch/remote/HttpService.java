package io.scorebatch.remote;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * A server that answers JSON and files. Tries again where the failure may pass, and says in words
 * what does not. Thread-safe.
 */
public final class HttpService {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<Integer> TRANSIENT = Set.of(408, 429, 500, 502, 503, 504);
  private static final int MOST_CHARACTERS_QUOTED = 300;

  private final String description;
  private final String base;
  private final Supplier<Credentials> login;
  private final String loginVariables;
  private final Map<String, String> headers;
  private final HttpSettings http;
  private final ServiceErrors errors;

  /**
   * @param description for messages, such as {@code MLflow server http://host:5000}
   * @param base address without a slash at its end
   * @param login asked before each request, as some credentials expire
   * @param loginVariables what to set where the server wants a login
   * @param headers sent with every request
   */
  public HttpService(
      String description,
      String base,
      Supplier<Credentials> login,
      String loginVariables,
      Map<String, String> headers,
      HttpSettings http) {
    this.description = description;
    this.base = base;
    this.login = login;
    this.loginVariables = loginVariables;
    this.headers = Map.copyOf(headers);
    this.http = http;
    this.errors = new ServiceErrors(description, http.failure());
  }

  public String description() {
    return description;
  }

  public String base() {
    return base;
  }

  /** The answer to a GET; empty where the server says that there is no such thing. */
  public Optional<JsonNode> find(String path, Map<String, String> query) {
    return answer(new Call("GET " + path, request(path, query), login.get()));
  }

  /** The answer to a GET of something that is always there. */
  public JsonNode get(String path, Map<String, String> query) {
    return find(path, query).orElseThrow(() -> errors.refused("GET " + path, 404, ""));
  }

  /** The answer to a POST; empty where the server says that there is no such thing. */
  public Optional<JsonNode> post(String path, JsonNode body) {
    HttpRequest.Builder request =
        request(path, Map.of())
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body.toString()));
    return answer(new Call("POST " + path, request, login.get()));
  }

  /** The answer to a PATCH; empty where the server says that there is no such thing. */
  public Optional<JsonNode> patch(String path, JsonNode body) {
    return answer(sending("PATCH", path, body));
  }

  /** The answer to a PUT; empty where the server says that there is no such thing. */
  public Optional<JsonNode> put(String path, JsonNode body) {
    return answer(sending("PUT", path, body));
  }

  private Call sending(String method, String path, JsonNode body) {
    HttpRequest.Builder request =
        request(path, Map.of())
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body.toString()));
    return new Call(method + " " + path, request, login.get());
  }

  /**
   * Stores a file; a try may take the usual time and a second more for each MiB.
   *
   * @throws IOException where the file cannot be read
   */
  public void put(String path, Path file) throws IOException {
    HttpRequest.Builder request =
        request(path, Map.of())
            .header("Content-Type", "application/octet-stream")
            .PUT(BodyPublishers.ofFile(file));
    Duration size = Duration.ofSeconds(Files.size(file) >> 20);
    answer(new Call("PUT " + path, request, login.get(), size));
  }

  /** The answer to a POST that always has one. */
  public JsonNode ask(String path, JsonNode body) {
    return post(path, body).orElseThrow(() -> errors.refused("POST " + path, 404, ""));
  }

  /** The answer to a POST of a form. */
  public JsonNode form(String path, Map<String, String> fields) {
    String body =
        fields.entrySet().stream()
            .map(
                each ->
                    PercentEncoding.encode(each.getKey())
                        + "="
                        + PercentEncoding.encode(each.getValue()))
            .sorted()
            .collect(Collectors.joining("&"));
    HttpRequest.Builder request =
        request(path, Map.of())
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(BodyPublishers.ofString(body));
    return answer(new Call("POST " + path, request, login.get()))
        .orElseThrow(() -> errors.refused("POST " + path, 404, ""));
  }

  private Optional<JsonNode> answer(Call call) {
    HttpResponse<byte[]> response = send(call, BodyHandlers.ofByteArray());
    int status = response.statusCode();
    String text = new String(response.body(), StandardCharsets.UTF_8);
    if (status / 100 == 2) {
      try {
        return Optional.of(JSON.readTree(text));
      } catch (JsonProcessingException e) {
        throw errors.notUnderstood(call.name(), "it is no JSON");
      }
    }
    String code = json(text).path("error_code").asText("");
    if (status == 404 && !code.isEmpty() && !code.equals("ENDPOINT_NOT_FOUND")) {
      return Optional.empty();
    }
    throw errors.refused(call.name(), status, said(text, call.credentials()));
  }

  /** Opens a file of the server. */
  public Content open(String path, Map<String, String> query, long from, @Nullable String version) {
    return open(new Call("GET " + path, request(path, query), login.get()), from, version);
  }

  /**
   * Opens a file at an address that says itself who may read it.
   *
   * @param headers sent in place of ours; our credentials stay here
   */
  public Content openSigned(
      String address, Map<String, String> headers, long from, @Nullable String version) {
    String secret = address.replaceFirst("^[^?]*[?]?", "");
    Credentials signed =
        new Credentials(Optional.empty(), "the address it signed", List.of(secret));
    String call = "GET " + address.replaceAll("[?].*", "");
    try {
      HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(address));
      headers.forEach(request::header);
      return open(new Call(call, request, signed), from, version);
    } catch (IllegalArgumentException e) {
      throw errors.notUnderstood(call, "it names no address or header");
    }
  }

  private Content open(Call call, long from, @Nullable String version) {
    if (from > 0) {
      call.request().header("Range", "bytes=" + from + "-");
      if (version != null) {
        call.request().header("If-Range", version);
      }
    }
    HttpResponse<InputStream> response = send(call, BodyHandlers.ofInputStream());
    int status = response.statusCode();
    String etag = response.headers().firstValue("ETag").orElse(null);
    String range = response.headers().firstValue("Content-Range").orElse("");
    if (status == 206 && range.startsWith("bytes " + from + "-")) {
      return new Content(guarded(response.body()), from, etag);
    }
    if (status == 200) {
      return new Content(guarded(response.body()), 0, etag);
    }
    throw errors.refused(call.name(), status, said(text(response.body()), call.credentials()));
  }

  private InputStream guarded(InputStream body) {
    return new StallGuard(body, http.patience().timeout());
  }

  /** One request, who makes it, and its name for messages. */
  private record Call(
      String name, HttpRequest.Builder request, Credentials credentials, Duration longer) {
    Call {
      credentials.header().ifPresent(value -> request.header("Authorization", value));
    }

    Call(String name, HttpRequest.Builder request, Credentials credentials) {
      this(name, request, credentials, Duration.ZERO);
    }
  }

  private HttpRequest.Builder request(String path, Map<String, String> query) {
    StringBuilder uri = new StringBuilder(base).append(path);
    char separator = '?';
    for (Map.Entry<String, String> each : query.entrySet()) {
      uri.append(separator).append(PercentEncoding.encode(each.getKey())).append('=');
      uri.append(PercentEncoding.encode(each.getValue()));
      separator = '&';
    }
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri.toString()));
    headers.forEach(request::header);
    return request;
  }

  /** Sends until there is an answer worth reading: any but those that may pass. */
  private <T> HttpResponse<T> send(Call sent, BodyHandler<T> body) {
    HttpRequest request = sent.request().build();
    String call = sent.name();
    Credentials credentials = sent.credentials();
    for (int attempt = 1; ; attempt++) {
      Duration wait = http.patience().waitAfter(attempt);
      try {
        HttpResponse<T> response = sendOnce(request, body, sent.longer());
        int status = response.statusCode();
        if (status / 100 == 3) {
          String where = response.headers().firstValue("Location").orElse("nowhere");
          throw errors.redirected(call, status, credentials.redact(where.replaceAll("[?].*", "")));
        }
        if (status == 401 || status == 403) {
          throw errors.unauthorized(
              status, credentials, said(text(response.body()), credentials), loginVariables);
        }
        if (!TRANSIENT.contains(status)) {
          return response;
        }
        if (attempt >= http.patience().tries()) {
          throw errors.failing(call, status, said(text(response.body()), credentials), attempt);
        }
        wait = retryAfter(response).orElse(wait);
        if (response.body() instanceof InputStream unread) {
          unread.close();
        }
      } catch (SSLException e) {
        throw errors.tls(String.valueOf(e.getMessage()), e);
      } catch (HttpTimeoutException e) {
        if (attempt >= http.patience().tries()) {
          throw errors.tooSlow(call, http.patience().timeout().toSeconds(), attempt);
        }
      } catch (IOException e) {
        if (attempt >= http.patience().tries()) {
          throw errors.unreachable(call, reason(e), attempt, e);
        }
      }
      pause(wait);
    }
  }

  /** The time-out of the JDK's client ends where the answer begins; here it is for the whole. */
  private <T> HttpResponse<T> sendOnce(HttpRequest request, BodyHandler<T> body, Duration longer)
      throws IOException {
    CompletableFuture<HttpResponse<T>> sent = http.client().sendAsync(request, body);
    try {
      return sent.get(http.patience().timeout().plus(longer).toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      sent.cancel(true);
      throw new HttpTimeoutException("no answer");
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      sent.cancel(true);
      Thread.currentThread().interrupt();
      throw errors.interrupted(e);
    }
  }

  private void pause(Duration wait) {
    try {
      Thread.sleep(wait.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw errors.interrupted(e);
    }
  }

  /** Seconds, as servers under load send them; the form with a date is not worth waiting for. */
  private static Optional<Duration> retryAfter(HttpResponse<?> response) {
    return response
        .headers()
        .firstValue("Retry-After")
        .filter(value -> value.matches("[0-9]{1,6}"))
        .map(value -> Patience.bounded(Double.parseDouble(value)));
  }

  private static String reason(IOException e) {
    String message = e.getMessage();
    return message == null || message.isBlank() ? "connection failed" : message;
  }

  private static String text(Object body) {
    if (body instanceof byte[] bytes) {
      return new String(bytes, StandardCharsets.UTF_8);
    }
    if (body instanceof InputStream stream) {
      try (stream) {
        return new String(stream.readNBytes(10_000), StandardCharsets.UTF_8);
      } catch (IOException e) {
        return "";
      }
    }
    return "";
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      return MissingNode.getInstance();
    }
  }

  /** What the server said in words; pages of HTML say nothing worth quoting. */
  private static String said(String text, Credentials credentials) {
    String message = json(text).path("message").asText("");
    if (message.isEmpty() && !text.stripLeading().startsWith("<") && !text.strip().equals("{}")) {
      message = text;
    }
    String line = credentials.redact(message.replaceAll("\\s+", " ").strip());
    return line.length() <= MOST_CHARACTERS_QUOTED
        ? line
        : line.substring(0, MOST_CHARACTERS_QUOTED) + "…";
  }
}
