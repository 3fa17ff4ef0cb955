package io.scorebatch.table.delta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

/**
 * The tables of a Unity Catalog server, as its public REST interface 2.1 describes them: catalogs,
 * schemas, tables in pages of two, registration, temporary credentials. Names are compared ignoring
 * case. Wants a token. Records what it was asked.
 */
final class FakeUnityCatalog implements AutoCloseable {
  static final String TOKEN = "uc-t0ken";
  private static final String API = "/api/2.1/unity-catalog/";
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE = 2;

  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, ObjectNode> tables = Collections.synchronizedMap(new TreeMap<>());
  private final List<String> requests = Collections.synchronizedList(new ArrayList<>());
  private final List<JsonNode> bodies = Collections.synchronizedList(new ArrayList<>());
  private final TreeSet<String> schemas = new TreeSet<>(List.of("main.ml", "main.raw"));
  private final HttpServer server;
  private Supplier<Instant> credentialsUntil = () -> Instant.now().plusSeconds(3600);
  private String keys = "aws_temp_credentials";

  FakeUnityCatalog() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  String address() {
    return "uc:http://127.0.0.1:" + server.getAddress().getPort();
  }

  String workspace() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Registers a table as someone else would have. */
  void register(String schema, String name, String type, String format, String location) {
    ObjectNode table =
        JSON.createObjectNode()
            .put("name", name)
            .put("catalog_name", "main")
            .put("schema_name", schema)
            .put("table_type", type);
    if (!format.isEmpty()) {
      table.put("data_source_format", format);
    }
    if (!location.isEmpty()) {
      table.put("storage_location", location);
    }
    put(table);
  }

  private ObjectNode put(ObjectNode table) {
    table.put("table_id", UUID.randomUUID().toString());
    tables.put(fullName(table), table);
    return table;
  }

  private static String fullName(JsonNode table) {
    return (table.path("catalog_name").asText()
            + "."
            + table.path("schema_name").asText()
            + "."
            + table.path("name").asText())
        .toLowerCase(Locale.ROOT);
  }

  void handOutUntil(Supplier<Instant> until) {
    credentialsUntil = until;
  }

  /** Hands out credentials of another cloud. */
  void handOut(String field) {
    keys = field;
  }

  /** Method and path, with the query where there is one. */
  List<String> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }

  /** What was sent to it. */
  List<JsonNode> bodies() {
    synchronized (bodies) {
      return List.copyOf(bodies);
    }
  }

  private record Answer(int status, ObjectNode body) {}

  private static Answer ok(ObjectNode body) {
    return new Answer(200, body);
  }

  private static Answer error(int status, String code, String message) {
    return new Answer(
        status, JSON.createObjectNode().put("error_code", code).put("message", message));
  }

  private void handle(HttpExchange http) throws IOException {
    try (http) {
      String path = http.getRequestURI().getRawPath();
      String query = http.getRequestURI().getRawQuery();
      String method = http.getRequestMethod();
      byte[] sent = http.getRequestBody().readAllBytes();
      requests.add(
          method + " " + path.substring(API.length()) + (query == null ? "" : "?" + query));
      JsonNode body = sent.length == 0 ? JSON.createObjectNode() : JSON.readTree(sent);
      if (sent.length > 0) {
        bodies.add(body);
      }
      String login = http.getRequestHeaders().getFirst("Authorization");
      Answer answer =
          ("Bearer " + TOKEN).equals(login)
              ? answer(method, path.substring(API.length()), parameters(query), body)
              : error(401, "UNAUTHENTICATED", "Token " + login + " has expired");
      byte[] text = JSON.writeValueAsBytes(answer.body());
      http.getResponseHeaders().set("Content-Type", "application/json");
      http.sendResponseHeaders(answer.status(), text.length);
      http.getResponseBody().write(text);
    }
  }

  private static Map<String, String> parameters(String query) {
    Map<String, String> parameters = new TreeMap<>();
    for (String each : query == null ? new String[0] : query.split("&", -1)) {
      String[] parts = each.split("=", 2);
      parameters.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return parameters;
  }

  private Answer answer(String method, String path, Map<String, String> parameters, JsonNode body) {
    String name =
        URLDecoder.decode(path.replaceFirst("^[^/]*/?", ""), StandardCharsets.UTF_8)
            .toLowerCase(Locale.ROOT);
    switch (method + " " + path.replaceFirst("/.*", "")) {
      case "GET catalogs":
        return page("catalogs", List.of(JSON.createObjectNode().put("name", "main")), parameters);
      case "GET schemas":
        if (name.isEmpty()) {
          List<ObjectNode> found = new ArrayList<>();
          schemas.forEach(
              each -> found.add(JSON.createObjectNode().put("name", each.substring(5))));
          return page("schemas", found, parameters);
        }
        return schemas.contains(name)
            ? ok(JSON.createObjectNode().put("full_name", name))
            : error(404, "SCHEMA_NOT_FOUND", "Schema not found: " + name);
      case "GET tables":
        return name.isEmpty() ? list(parameters) : table(name);
      case "POST tables":
        return create((ObjectNode) body);
      case "POST temporary-table-credentials":
        return tables.values().stream()
                .anyMatch(each -> each.path("table_id").equals(body.path("table_id")))
            ? credentials(body.path("operation").asText(), "READ|READ_WRITE")
            : error(404, "TABLE_NOT_FOUND", "Table not found");
      case "POST temporary-path-credentials":
        return credentials(
            body.path("operation").asText(), "PATH_READ|PATH_READ_WRITE|PATH_CREATE_TABLE");
      default:
        return error(404, "ENDPOINT_NOT_FOUND", "No such endpoint");
    }
  }

  private Answer list(Map<String, String> parameters) {
    String prefix = parameters.get("catalog_name") + "." + parameters.get("schema_name");
    if (!schemas.contains(prefix)) {
      return error(404, "SCHEMA_NOT_FOUND", "Schema not found: " + prefix);
    }
    List<ObjectNode> found = new ArrayList<>();
    synchronized (tables) {
      tables.forEach(
          (full, table) -> {
            if (full.startsWith(prefix + ".")) {
              found.add(table);
            }
          });
    }
    return page("tables", found, parameters);
  }

  private static Answer page(String field, List<ObjectNode> all, Map<String, String> parameters) {
    int from = Integer.parseInt(parameters.getOrDefault("page_token", "0"));
    int to = Math.min(all.size(), from + PAGE);
    ObjectNode body = JSON.createObjectNode();
    ArrayNode list = body.putArray(field);
    all.subList(from, to).forEach(list::add);
    if (to < all.size()) {
      body.put("next_page_token", Integer.toString(to));
    }
    return ok(body);
  }

  private Answer table(String name) {
    ObjectNode table = tables.get(name);
    return table == null
        ? error(404, "TABLE_NOT_FOUND", "Table not found: " + name)
        : ok(table.deepCopy());
  }

  private Answer create(ObjectNode table) {
    String schema = table.path("catalog_name").asText() + "." + table.path("schema_name").asText();
    if (!schemas.contains(schema)) {
      return error(404, "SCHEMA_NOT_FOUND", "Schema not found: " + schema);
    }
    if (!table.path("table_type").asText().equals("EXTERNAL")
        || table.path("storage_location").asText("").isEmpty()
        || table.path("columns").isEmpty()) {
      return error(400, "INVALID_ARGUMENT", "An external table needs a location and columns");
    }
    if (tables.containsKey(fullName(table))) {
      return error(400, "TABLE_ALREADY_EXISTS", "Table already exists");
    }
    return ok(put(table));
  }

  private Answer credentials(String operation, String known) {
    if (!operation.matches(known)) {
      return error(400, "INVALID_ARGUMENT", "No such operation: " + operation);
    }
    ObjectNode body =
        JSON.createObjectNode().put("expiration_time", credentialsUntil.get().toEpochMilli());
    body.putObject(keys)
        .put("access_key_id", "ASIATEMP")
        .put("secret_access_key", "temp-s3cret")
        .put("session_token", "temp-t0ken");
    return ok(body);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
