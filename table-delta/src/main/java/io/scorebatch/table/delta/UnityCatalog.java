package io.scorebatch.table.delta;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableChanges;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Schema;
import io.scorebatch.remote.Environment;
import io.scorebatch.remote.HttpService;
import io.scorebatch.remote.PercentEncoding;
import io.scorebatch.remote.S3Access;
import io.scorebatch.remote.S3Location;
import io.scorebatch.table.delta.DeltaCatalogs.Stores;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The tables of a Unity Catalog, open source or Databricks, by its REST interface 2.1. Thread-safe.
 *
 * <p>The catalog says where a table lies and hands out credentials that end after a while; they are
 * asked for again before. Rows and versions come from the table's own Delta log. Read and written
 * are Delta tables in S3 or on a disk of this machine; managed tables are read, and not written, as
 * their versions are the catalog's to make.
 *
 * <p>A table that does not exist is made in the folder that {@code SCOREBATCH_UC_TABLE_ROOT} names:
 * first its files and its log, then its registration as an external table, so that nobody finds a
 * table without a version. Its schema must exist. Columns are registered once; what they are later
 * stands in the log.
 */
final class UnityCatalog implements TableStore {
  private static final String API = "/api/2.1/unity-catalog/";
  private static final String ROOT = "SCOREBATCH_UC_TABLE_ROOT";
  // An end also for a server that always promises one page more.
  private static final int MOST_PAGES = 10_000;

  private final HttpService server;
  private final Environment environment;
  private final Stores stores;
  private final DeltaLogs local = new DeltaLogs(new LocalFiles());
  private final Map<String, DeltaLogs> remote = new ConcurrentHashMap<>();

  UnityCatalog(HttpService server, Environment environment, Stores stores) {
    this.server = server;
    this.environment = environment;
    this.stores = stores;
  }

  /** What the catalog knows of a table. */
  private record Registered(
      TableName name, String id, String type, String format, String location) {
    static Registered of(JsonNode table) {
      return new Registered(
          new TableName(
              table.path("catalog_name").asText(""),
              table.path("schema_name").asText(""),
              table.path("name").asText("")),
          table.path("table_id").asText(""),
          table.path("table_type").asText(""),
          table.path("data_source_format").asText(""),
          table.path("storage_location").asText(""));
    }
  }

  @Override
  public List<TableName> list() {
    List<TableName> tables = new ArrayList<>();
    for (JsonNode catalog : all("catalogs", Map.of(), "catalogs")) {
      String catalogName = catalog.path("name").asText("");
      for (JsonNode schema : all("schemas", Map.of("catalog_name", catalogName), "schemas")) {
        tables.addAll(tables(catalogName, schema.path("name").asText("")));
      }
    }
    return tables;
  }

  /** Its Delta tables; none where the schema does not exist. */
  private List<TableName> tables(String catalog, String schema) {
    Map<String, String> query = new LinkedHashMap<>();
    query.put("catalog_name", catalog);
    query.put("schema_name", schema);
    List<TableName> tables = new ArrayList<>();
    for (JsonNode table : all("tables", query, "tables")) {
      if (table.path("data_source_format").asText("").equals("DELTA")) {
        nameOf(table).ifPresent(tables::add);
      }
    }
    return tables;
  }

  /** Empty for a name that no table of ours can have. */
  private static Optional<TableName> nameOf(JsonNode table) {
    try {
      return Optional.of(Registered.of(table).name());
    } catch (ScorebatchException e) {
      return Optional.empty();
    }
  }

  private List<JsonNode> all(String path, Map<String, String> query, String field) {
    List<JsonNode> found = new ArrayList<>();
    Map<String, String> next = new LinkedHashMap<>(query);
    for (int page = 0; page < MOST_PAGES; page++) {
      Optional<JsonNode> answer = server.find(API + path, next);
      answer.ifPresent(each -> each.path(field).forEach(found::add));
      String token = answer.map(each -> each.path("next_page_token").asText("")).orElse("");
      if (token.isEmpty()) {
        break;
      }
      next.put("page_token", token);
    }
    return found;
  }

  private Optional<Registered> find(TableName table) {
    return server
        .find(API + "tables/" + PercentEncoding.encode(table.toString()), Map.of())
        .map(Registered::of);
  }

  @Override
  public boolean exists(TableName table) {
    return find(table).isPresent();
  }

  @Override
  public TableSnapshot snapshot(TableName table) {
    return existing(table).snapshot();
  }

  @Override
  public TableSnapshot snapshot(TableName table, long version) {
    return existing(table).snapshot(version);
  }

  @Override
  public TableSnapshot snapshot(TableName table, Instant moment) {
    return existing(table).snapshot(moment);
  }

  @Override
  public TableChanges changes(TableName table, long after, long until) {
    return existing(table).changes(after, until);
  }

  @Override
  public TableSnapshot materialize(TableSnapshot snapshot) {
    if (!S3Location.isOne(snapshot.location())) {
      return snapshot;
    }
    return existing(snapshot.name()).logs().storage().materialize(snapshot);
  }

  private DeltaTable existing(TableName table) {
    Registered registered =
        find(table)
            .orElseThrow(
                () ->
                    TableErrors.notRegistered(
                        table, description(), tables(table.catalog(), table.schema())));
    return readable(registered);
  }

  private DeltaTable readable(Registered table) {
    return table(table, "READ");
  }

  private DeltaTable writable(Registered table) {
    if (table.type().equals("MANAGED")) {
      throw TableErrors.unsupported(
          table.name(),
          "It is a managed table: its versions are made by the catalog's own engines.",
          "write to an external table, or to a new one.");
    }
    return table(table, "READ_WRITE");
  }

  private DeltaTable table(Registered table, String operation) {
    if (!table.format().equals("DELTA") || table.location().isEmpty()) {
      throw TableErrors.unsupported(
          table.name(),
          "In the "
              + description()
              + " it is a "
              + table.type()
              + (table.format().isEmpty() ? "" : " in the format " + table.format())
              + (table.location().isEmpty() ? " without files of its own." : "."),
          "read or write a Delta table: a view can be saved as one.");
    }
    ObjectNode request =
        JsonNodeFactory.instance
            .objectNode()
            .put("table_id", table.id())
            .put("operation", operation);
    return at(table.name(), table.location(), "temporary-table-credentials", request);
  }

  /** The table at a place, with the credentials that a request asks for where it needs some. */
  private DeltaTable at(TableName name, String location, String call, ObjectNode request) {
    if (S3Location.isOne(location)) {
      S3Location place = S3Location.of(location);
      DeltaLogs logs =
          remote.computeIfAbsent(
              call + request,
              each ->
                  new DeltaLogs(
                      stores.open(
                          S3Access.renewed(
                              environment,
                              "the temporary credentials of the " + server.description(),
                              () -> credentials(place, call, request)))));
      return new DeltaTable(logs, name, place.toString());
    }
    if (location.startsWith("file:")) {
      return new DeltaTable(local, name, Path.of(URI.create(location).getPath()).toString());
    }
    if (location.startsWith("/")) {
      return new DeltaTable(local, name, Path.of(location).toString());
    }
    throw TableErrors.unsupported(
        name,
        "It lies at " + location + "; files in S3 and on this machine are reached.",
        "copy the table to S3.");
  }

  private S3Access.Temporary credentials(S3Location place, String call, ObjectNode request) {
    JsonNode answer = server.ask(API + call, request);
    JsonNode aws = answer.path("aws_temp_credentials");
    String key = aws.path("access_key_id").asText("");
    if (key.isEmpty()) {
      throw TableErrors.noCredentials(place.toString(), description());
    }
    long until = answer.path("expiration_time").asLong(0);
    return new S3Access.Temporary(
        key,
        aws.path("secret_access_key").asText(""),
        aws.path("session_token").asText(""),
        until > 0 ? Instant.ofEpochMilli(until) : Instant.now().plusSeconds(900));
  }

  /** Where a table that is to be made will lie. */
  private DeltaTable toBeMade(TableName table) {
    String root = environment.variable(ROOT, "").replaceAll("/+$", "");
    if (root.isEmpty()) {
      throw TableErrors.cannotBeMade(
          table,
          "It is not registered in the "
              + description()
              + ", and it is not said where it shall lie.",
          "set "
              + ROOT
              + " to a folder such as s3://bucket/tables, or make the table there first.");
    }
    String location = String.join("/", root, table.catalog(), table.schema(), table.table());
    ObjectNode request =
        JsonNodeFactory.instance
            .objectNode()
            .put("url", location)
            .put("operation", "PATH_CREATE_TABLE");
    return at(table, location, "temporary-path-credentials", request);
  }

  private DeltaTable target(TableName table) {
    return find(table).map(this::writable).orElseGet(() -> toBeMade(table));
  }

  @Override
  public Schema checkWritable(
      TableName table, Schema schema, Mode mode, List<String> partitionColumns) {
    Optional<Registered> registered = find(table);
    if (registered.isPresent()) {
      return writable(registered.get()).checkWritable(schema, mode, partitionColumns);
    }
    DeltaTable made = toBeMade(table);
    String parent = table.catalog() + "." + table.schema();
    if (server.find(API + "schemas/" + PercentEncoding.encode(parent), Map.of()).isEmpty()) {
      throw TableErrors.cannotBeMade(
          table,
          "The " + description() + " has no schema " + parent + ".",
          "make the schema first, or correct the name.");
    }
    return made.checkWritable(schema, mode, partitionColumns);
  }

  @Override
  public OptionalLong transactionVersion(TableName table, String application) {
    return find(table)
        .map(registered -> readable(registered).transactionVersion(application))
        .orElseGet(OptionalLong::empty);
  }

  @Override
  public StagingArea openStaging(TableName table) {
    return target(table).openStaging();
  }

  @Override
  public List<String> clean(TableName table, boolean dryRun) {
    return target(table).clean(dryRun);
  }

  @Override
  public long commit(TableCommit commit) {
    Optional<Registered> registered = find(commit.table());
    if (registered.isPresent()) {
      return writable(registered.get()).commit(commit);
    }
    DeltaTable made = toBeMade(commit.table());
    long version = made.commit(commit);
    register(made, commit);
    return version;
  }

  private void register(DeltaTable made, TableCommit commit) {
    TableName name = made.name();
    String location =
        S3Location.isOne(made.folder())
            ? made.folder()
            : Path.of(made.folder()).toUri().toString().replaceAll("/+$", "");
    ObjectNode body =
        JsonNodeFactory.instance
            .objectNode()
            .put("name", name.table())
            .put("catalog_name", name.catalog())
            .put("schema_name", name.schema())
            .put("table_type", "EXTERNAL")
            .put("data_source_format", "DELTA")
            .put("storage_location", location);
    if (commit.comment() != null) {
      body.put("comment", commit.comment());
    }
    ArrayNode columns = body.putArray("columns");
    commit
        .schema()
        .columns()
        .forEach(column -> columns.add(RegisteredColumn.json(column, columns.size())));
    try {
      server.ask(API + "tables", body);
    } catch (ScorebatchException e) {
      // Another run of the same may have made it at this moment.
      if (find(name).filter(other -> sameFolder(other, made)).isEmpty()) {
        throw TableErrors.unregistered(name, location, description(), e);
      }
    }
  }

  private boolean sameFolder(Registered other, DeltaTable made) {
    return writable(other).folder().equals(made.folder());
  }

  @Override
  public String description() {
    return server.description();
  }

  @Override
  public void close() {
    local.close();
    remote.values().forEach(DeltaLogs::close);
  }
}
