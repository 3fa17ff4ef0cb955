package io.scorebatch.table.delta;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.StagingArea;
import io.scorebatch.api.table.TableChanges;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.table.TableStore;
import io.scorebatch.api.type.Schema;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A folder of Delta tables, on a local disk or an object store: {@code
 * <root>/<catalog>/<schema>/<table>}, each with its {@code _delta_log}. Safe for many threads and
 * processes.
 *
 * <p>Names are compared ignoring case: a folder spelled as asked for comes first, else the only one
 * that differs in case alone. Folders whose name starts with a dot or underscore, or is no part of
 * a table name, are no part of the catalog. A snapshot carries its table's name as the folders
 * spell it.
 *
 * <p>Files are staged in folders of the table's own, one for each writer, and stay in them: the log
 * refers to them by relative paths, so that a table can be moved, and a commit copies nothing.
 * Staged files of a run that died stay there unread until they are cleaned away. On an object store
 * files are staged on this machine and brought to the table before its log tells of them; those of
 * a commit that was not made are removed.
 *
 * <p>A snapshot's partition values are in one form per type whatever wrote them: timestamps {@code
 * 2024-03-10T10:00:00.000000Z} (a text without offset is UTC), decimals with the declared number of
 * digits, NULL for the empty text. Row counts come from the log; the files are not opened.
 *
 * <p>A commit that overwrites keeps the table's id, properties, comment (unless it brings one) and
 * older versions; the table is partitioned as the staged files are. One that appends changes
 * neither schema, comment nor properties, and waits for no one: it is rebased onto whatever other
 * writers have added. Every tenth version (table property {@code delta.checkpointInterval}) gets a
 * checkpoint.
 */
public final class DirectoryCatalog implements TableStore {
  private final DeltaLogs logs;
  private final Storage storage;
  private final String root;

  DirectoryCatalog(String root, Storage storage) {
    this.root = root;
    this.storage = storage;
    this.logs = new DeltaLogs(storage);
  }

  /** A catalog of that local folder; it need not exist before something is written. */
  public static DirectoryCatalog open(Path root) {
    return new DirectoryCatalog(root.toAbsolutePath().normalize().toString(), new LocalFiles());
  }

  @Override
  public List<TableName> list() {
    List<TableName> tables = new ArrayList<>();
    for (String catalog : folders(root)) {
      String catalogFolder = storage.child(root, catalog);
      for (String schema : folders(catalogFolder)) {
        String schemaFolder = storage.child(catalogFolder, schema);
        for (String table : folders(schemaFolder)) {
          nameOf(List.of(catalog, schema, table))
              .filter(
                  name -> new DeltaTable(logs, name, storage.child(schemaFolder, table)).exists())
              .ifPresent(tables::add);
        }
      }
    }
    return tables;
  }

  @Override
  public boolean exists(TableName table) {
    return table(table).exists();
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
    return storage.materialize(snapshot);
  }

  @Override
  public Schema checkWritable(
      TableName table, Schema schema, Mode mode, List<String> partitionColumns) {
    return table(table).checkWritable(schema, mode, partitionColumns);
  }

  @Override
  public OptionalLong transactionVersion(TableName table, String application) {
    return table(table).transactionVersion(application);
  }

  @Override
  public StagingArea openStaging(TableName table) {
    return table(table).openStaging();
  }

  @Override
  public List<String> clean(TableName table, boolean dryRun) {
    return table(table).clean(dryRun);
  }

  @Override
  public long commit(TableCommit commit) {
    return table(commit.table()).commit(commit);
  }

  @Override
  public String description() {
    return root;
  }

  @Override
  public void close() {
    logs.close();
  }

  private DeltaTable existing(TableName name) {
    DeltaTable table = table(name);
    if (table.exists()) {
      return table;
    }
    if (table.hasOtherFiles()) {
      throw TableErrors.notDelta(name, table.folder());
    }
    throw TableErrors.notFound(name, root, list());
  }

  /** The table with its name as the folders spell it. */
  private DeltaTable table(TableName asked) {
    List<String> spelled = new ArrayList<>();
    String folder = root;
    for (String part : List.of(asked.catalog(), asked.schema(), asked.table())) {
      String name = spelling(asked, folder, part);
      spelled.add(name);
      folder = storage.child(folder, name);
    }
    return new DeltaTable(logs, nameOf(spelled).orElse(asked), folder);
  }

  private String spelling(TableName table, String folder, String part) {
    if (storage.isFolder(storage.child(folder, part))) {
      return part;
    }
    List<String> others =
        folders(folder).stream().filter(other -> other.equalsIgnoreCase(part)).toList();
    if (others.size() > 1) {
      throw TableErrors.ambiguous(
          table, others.stream().map(other -> storage.child(folder, other)).toList());
    }
    return others.isEmpty() ? part : others.get(0);
  }

  private static Optional<TableName> nameOf(List<String> parts) {
    try {
      return Optional.of(new TableName(parts.get(0), parts.get(1), parts.get(2)));
    } catch (ScorebatchException e) {
      return Optional.empty();
    }
  }

  private List<String> folders(String folder) {
    return storage.folders(folder).stream()
        .filter(name -> !name.startsWith(".") && !name.startsWith("_"))
        .toList();
  }
}
