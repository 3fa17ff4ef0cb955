package io.scorebatch.table.delta;

import io.delta.kernel.exceptions.UnsupportedProtocolVersionException;
import io.delta.kernel.exceptions.UnsupportedTableFeatureException;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.error.Suggestions;
import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import java.io.FileNotFoundException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** All that can be wrong with a table of a catalog, in words. */
final class TableErrors {
  private static final int NAMES_SHOWN = 20;
  private static final System.Logger LOG = System.getLogger(TableErrors.class.getName());

  private TableErrors() {}

  static ScorebatchException notFound(TableName table, String root, List<TableName> known) {
    List<String> names = known.stream().map(TableName::toString).toList();
    List<String> sameSchema =
        known.stream()
            .filter(
                t ->
                    t.catalog().equalsIgnoreCase(table.catalog())
                        && t.schema().equalsIgnoreCase(table.schema()))
            .map(TableName::table)
            .toList();
    String there;
    if (names.isEmpty()) {
      there = "The catalog " + root + " holds no tables.";
    } else if (sameSchema.isEmpty()) {
      there =
          "Schema "
              + table.catalog()
              + "."
              + table.schema()
              + " holds no tables; schemas of "
              + root
              + ": "
              + shown(
                  known.stream()
                      .map(t -> t.catalog() + "." + t.schema())
                      .collect(Collectors.toCollection(TreeSet::new)))
              + ".";
    } else {
      there =
          "Schema "
              + table.catalog()
              + "."
              + table.schema()
              + " of "
              + root
              + " holds: "
              + shown(sameSchema)
              + ".";
    }
    String suggestion = Suggestions.didYouMean(table.toString(), names);
    return ScorebatchException.of(
        ErrorCode.TABLE_NOT_FOUND,
        "Table " + table + " does not exist.",
        there,
        suggestion.isEmpty() ? "check the name and the catalog (--tables)." : suggestion);
  }

  static ScorebatchException notRegistered(
      TableName table, String catalog, List<TableName> sameSchema) {
    String schema = table.catalog() + "." + table.schema();
    String suggestion =
        Suggestions.didYouMean(
            table.toString(), sameSchema.stream().map(TableName::toString).toList());
    return ScorebatchException.of(
        ErrorCode.TABLE_NOT_FOUND,
        "Table " + table + " does not exist.",
        sameSchema.isEmpty()
            ? "Schema " + schema + " of the " + catalog + " does not exist or shows us no tables."
            : "Schema "
                + schema
                + " of the "
                + catalog
                + " holds: "
                + shown(sameSchema.stream().map(TableName::table).toList())
                + ".",
        suggestion.isEmpty() ? "check the name, and what we may see there." : suggestion);
  }

  /** A table of a catalog that lies or is stored as we cannot read it. */
  static ScorebatchException unsupported(TableName table, String why, String fix) {
    return ScorebatchException.of(
        ErrorCode.TABLE_FEATURE_UNSUPPORTED, "Table " + table + " cannot be used.", why, fix);
  }

  static ScorebatchException noCredentials(String place, String catalog) {
    return ScorebatchException.of(
        ErrorCode.CATALOG_UNREADABLE,
        "The " + catalog + " hands out no credentials for " + place + ".",
        "Its answer holds none for S3.",
        "check that the catalog is set up to hand out credentials for this bucket.");
  }

  static ScorebatchException cannotBeMade(TableName table, String why, String fix) {
    return ScorebatchException.of(
        ErrorCode.TABLE_NOT_WRITABLE, "Table " + table + " cannot be made.", why, fix);
  }

  static ScorebatchException unregistered(
      TableName table, String place, String catalog, ScorebatchException cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.TABLE_NOT_WRITABLE,
            "Table " + table + " was written to " + place + ", but is not registered.",
            "The " + catalog + " refused it: " + cause.problem().why(),
            "run again, which registers it, or register it with the catalog's own tools."),
        cause);
  }

  static ScorebatchException setting(String name, String why) {
    return ScorebatchException.of(
        ErrorCode.USAGE, "Setting " + name + " cannot be used.", why, "write a number.");
  }

  static ScorebatchException place(String where, String why) {
    return ScorebatchException.of(
        ErrorCode.USAGE,
        "Tables at '" + where + "' cannot be opened.",
        why,
        "name a folder, s3://bucket/folder, uc:http://host:port, or databricks.");
  }

  static ScorebatchException objectStore(String where) {
    return ScorebatchException.of(
        ErrorCode.USAGE,
        "Tables at '" + where + "' cannot be opened.",
        "Of object stores, those that speak S3 are reached; their address is set with"
            + " AWS_ENDPOINT_URL.",
        "copy the tables to a folder or to such a store, or mount the store as a folder.");
  }

  static ScorebatchException notDelta(TableName table, String folder) {
    return ScorebatchException.of(
        ErrorCode.TABLE_NOT_FOUND,
        "Table " + table + " is no Delta table.",
        "Folder " + folder + " has no _delta_log.",
        "convert it (CONVERT TO DELTA) if it holds Parquet files, or check the catalog (--tables).");
  }

  static ScorebatchException ambiguous(TableName table, List<String> folders) {
    return ScorebatchException.of(
        ErrorCode.TABLE_NAME_INVALID,
        "Table name " + table + " is ambiguous.",
        "Folders " + String.join(" and ", folders) + " differ in nothing but case.",
        "write the name as the folder is spelled.");
  }

  static ScorebatchException versionNotFound(
      TableName table, long version, long first, long latest, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.TABLE_VERSION_NOT_FOUND,
            "Table " + table + " has no version " + version + ".",
            "Its log holds versions " + first + " to " + latest + ".",
            "take one of these."),
        cause);
  }

  static ScorebatchException changesUnknown(
      TableName table, long after, long until, String why, @Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.TABLE_VERSION_NOT_FOUND,
            "What changed in table "
                + table
                + " after version "
                + after
                + ", up to version "
                + until
                + ", is no longer known.",
            why,
            "take all rows of the table for changed."),
        cause);
  }

  static ScorebatchException momentNotFound(
      TableName table, Instant moment, String first, String last) {
    return ScorebatchException.of(
        ErrorCode.TABLE_VERSION_NOT_FOUND,
        "Table " + table + " has no version as of " + moment + ".",
        "Its log goes from " + first + " to " + last + ".",
        "take a moment within them.");
  }

  /** A failure that was put in words already, however the kernel has wrapped it. */
  private static Optional<ScorebatchException> known(Throwable cause) {
    for (Throwable each = cause; each != null; each = each.getCause()) {
      if (each instanceof ScorebatchException known) {
        return Optional.of(known);
      }
    }
    return Optional.empty();
  }

  /** What a failure of the kernel while a table is read means. */
  static ScorebatchException unreadable(TableName table, RuntimeException cause) {
    Optional<ScorebatchException> known = known(cause);
    if (known.isPresent()) {
      return known.get();
    }
    Optional<Problem> features = features(table, cause, "reader");
    return new ScorebatchException(
        features.orElseGet(
            () ->
                new Problem(
                    ErrorCode.TABLE_UNREADABLE,
                    "Table " + table + " cannot be read.",
                    reason(cause),
                    "check the table's _delta_log.")),
        cause);
  }

  /** The problem where the kernel refuses a table for its features; else empty. */
  static Optional<Problem> features(TableName table, RuntimeException cause, String kind) {
    if (cause instanceof UnsupportedTableFeatureException unsupported) {
      String names =
          unsupported.getUnsupportedFeatures().stream()
              .sorted()
              .map(name -> "'" + name + "'")
              .collect(Collectors.joining(", "));
      return Optional.of(feature(table, kind, names));
    }
    if (cause instanceof UnsupportedProtocolVersionException protocol) {
      return Optional.of(
          feature(
              table,
              kind,
              "version "
                  + (protocol.getVersionType()
                          == UnsupportedProtocolVersionException.ProtocolVersionType.READER
                      ? protocol.getMinReaderVersion()
                      : protocol.getMinWriterVersion())));
    }
    // The kernel wants to be told by the catalog which version is the newest.
    if (String.valueOf(cause.getMessage()).contains("for catalogManaged tables")) {
      return Optional.of(feature(table, kind, "'catalogManaged'"));
    }
    return Optional.empty();
  }

  private static Problem feature(TableName table, String kind, String names) {
    boolean reads = kind.equals("reader");
    return new Problem(
        ErrorCode.TABLE_FEATURE_UNSUPPORTED,
        "Table " + table + " needs the Delta " + kind + " feature " + names + ".",
        reads
            ? "Without it rows would be read wrongly."
            : "Without it the table would no longer be right.",
        reads
            ? "drop the feature from the table (ALTER TABLE … DROP FEATURE …) or copy the table."
            : "drop the feature from the table, or write to a new table.");
  }

  /** A table whose settings forbid what we would do to it. */
  static Problem setting(TableName table, String setting, String why, String fix) {
    return new Problem(
        ErrorCode.TABLE_FEATURE_UNSUPPORTED, "Table " + table + " has " + setting + ".", why, fix);
  }

  static Problem columnType(TableName table, String column, String type) {
    return new Problem(
        ErrorCode.TABLE_FEATURE_UNSUPPORTED,
        "Column '" + column + "' of table " + table + " is of type " + type + ".",
        "Scorebatch knows no such type.",
        "cast the column, or read a copy of the table without it.");
  }

  static ScorebatchException partitionValue(
      TableName table, String column, String type, @Nullable String text, RuntimeException cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.TABLE_UNREADABLE,
            "Partition value '"
                + text
                + "' of column '"
                + column
                + "' of table "
                + table
                + " is no "
                + type
                + ".",
            reason(cause),
            "rewrite the partition."),
        cause);
  }

  static ScorebatchException emptyPartition(TableName table, String column) {
    return ScorebatchException.of(
        ErrorCode.VALUE_REJECTED,
        "The empty text cannot be a value of the partition column '"
            + column
            + "' of table "
            + table
            + ".",
        "The Delta log cannot tell it from NULL.",
        "write another text or NULL, or partition by another column.");
  }

  static ScorebatchException deletionVector(TableName table, String vector, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.TABLE_UNREADABLE,
            "Deletion vector " + vector + " of table " + table + " cannot be read.",
            "Without it deleted rows would come back: " + reason(cause),
            "restore the file, or purge the table's deletion vectors."),
        cause);
  }

  static ScorebatchException notWritable(TableName table, String why, @Nullable Throwable cause) {
    return new ScorebatchException(notWritableProblem(table, why), cause);
  }

  static Problem notWritableProblem(TableName table, String why) {
    return new Problem(
        ErrorCode.TABLE_NOT_WRITABLE,
        "Table " + table + " cannot be written.",
        why,
        "check the folder's permissions, owner and free space.");
  }

  static ScorebatchException notWritten(TableName table, Throwable cause) {
    return notWritable(table, "Nothing was committed: " + reason(cause), cause);
  }

  static ScorebatchException refused(TableName table, RuntimeException cause) {
    Optional<ScorebatchException> known = known(cause);
    if (known.isPresent()) {
      return known.get();
    }
    return new ScorebatchException(
        features(table, cause, "writer")
            .orElseGet(
                () ->
                    new Problem(
                        ErrorCode.TABLE_NOT_WRITABLE,
                        "Table " + table + " cannot be written.",
                        "Nothing was committed: " + reason(cause),
                        "write to a new table, or change this one so that it can be written.")),
        cause);
  }

  static ScorebatchException stagedFile(TableName table, Object file, String why) {
    return ScorebatchException.of(
        ErrorCode.TABLE_NOT_WRITABLE,
        "File " + file + " cannot be committed to table " + table + ".",
        why,
        "stage the rows again.");
  }

  static Problem schema(TableName table, String what, String why) {
    return new Problem(
        ErrorCode.SCHEMA_MISMATCH,
        "Rows do not fit table " + table + ": " + what,
        why,
        "make the columns the same, overwrite the table, or write to a new one.");
  }

  static Problem partitions(TableName table, Collection<String> staged, Collection<String> there) {
    return schema(
        table,
        there.isEmpty()
            ? "the table has no partitions."
            : "the table is partitioned by " + String.join(", ", there) + ".",
        staged.isEmpty()
            ? "Rows are staged without partitions."
            : "Rows are staged by " + String.join(", ", staged) + ".");
  }

  static Problem property(TableName table, String key, String value, String why) {
    return new Problem(
        ErrorCode.TABLE_NOT_WRITABLE,
        "Property " + key + "=" + value + " cannot be set on table " + table + ".",
        why,
        "correct or leave out the property.");
  }

  static Problem columnName(TableName table, String column) {
    return new Problem(
        ErrorCode.SCHEMA_MISMATCH,
        "Column '" + column + "' cannot stand in table " + table + ".",
        "A Delta column name has no blank, tab, line end or any of ,;{}()=",
        "give it another name.");
  }

  static Problem wallClock(TableName table, String column) {
    return new Problem(
        ErrorCode.SCHEMA_MISMATCH,
        "Column '" + column + "' for table " + table + " is of type timestamp_ntz.",
        "That needs the table feature timestampNtz, which many readers lack; it is never turned on"
            + " by a write alone.",
        "cast it to timestamp, or set the property delta.feature.timestampNtz=supported.");
  }

  static ScorebatchException conflict(
      TableName table, Optional<TransactionId> transaction, @Nullable Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.COMMIT_CONFLICT,
            "Another writer changed table "
                + table
                + " while "
                + transaction.map(id -> "'" + id.application() + "'").orElse("this run")
                + " was committing.",
            "Nothing of this run was written; the table is as the other writer left it.",
            "run again, or see that two runs do not write one table at a time."),
        cause);
  }

  /** A file that is to be replaced, but is no file of the version that was read. */
  static ScorebatchException notThere(TableName table, long version, Collection<String> files) {
    return ScorebatchException.of(
        ErrorCode.TABLE_NOT_WRITABLE,
        "Files cannot be replaced in table " + table + ": " + shown(files) + ".",
        "Version " + version + " does not hold them.",
        "take the files of the version that is read.");
  }

  static ScorebatchException commitStateUnknown(TableName table, long version, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.COMMIT_STATE_UNKNOWN,
            "Whether version " + version + " of table " + table + " was committed is not known.",
            "The disk failed while it was written, and cannot be asked: " + reason(cause),
            "look at the table's history before running again; a run with a transaction id may"
                + " simply be run again."),
        cause);
  }

  static ScorebatchException noPutIfAbsent(String place) {
    return ScorebatchException.of(
        ErrorCode.TABLE_NOT_WRITABLE,
        "Nothing can be committed safely at " + place + ".",
        "The object store does not heed 'If-None-Match: *': of two writers one would wipe out the"
            + " other's version.",
        "use a store that does (Amazon S3, MinIO, Cloudflare R2, …), or a newer version of it.");
  }

  static ScorebatchException dataFile(TableName table, long version, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.TABLE_UNREADABLE,
            "A data file of version " + version + " of table " + table + " cannot be fetched.",
            reason(cause),
            cause instanceof FileNotFoundException
                ? "the version may have been vacuumed: read a newer one."
                : "try again, and check that the table's files were not changed by hand."),
        cause);
  }

  static ScorebatchException cacheFull(Path folder, long bytes, long most) {
    return ScorebatchException.of(
        ErrorCode.FILE_UNREADABLE,
        "The folder for tables' files, " + folder + ", is too small.",
        "Files in use and the next one have " + bytes + " bytes; at most " + most + " are allowed.",
        "allow more with SCOREBATCH_TABLE_CACHE_BYTES.");
  }

  static ScorebatchException interrupted(Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.INTERRUPTED,
            "Work with the object store was interrupted.",
            "",
            "run again; what was fetched is kept."),
        cause);
  }

  static ScorebatchException notCleaned(TableName table, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.TABLE_NOT_WRITABLE,
            "What dead runs left of table " + table + " could not all be removed.",
            reason(cause),
            "check the folder's permissions, and clean again."),
        cause);
  }

  static void warn(String message) {
    LOG.log(System.Logger.Level.WARNING, message);
  }

  static ScorebatchException folder(Path folder, Throwable cause) {
    return new ScorebatchException(
        new Problem(
            ErrorCode.FILE_UNREADABLE,
            "Folder " + folder + " cannot be listed.",
            reason(cause),
            "check its permissions."),
        cause);
  }

  /** A warning: the version is committed all the same. */
  static String noCheckpoint(TableName table, Throwable cause) {
    return "No checkpoint was written for table "
        + table
        + ", readers will take longer: "
        + reason(cause);
  }

  private static String shown(Collection<String> names) {
    String text = names.stream().limit(NAMES_SHOWN).collect(Collectors.joining(", "));
    int more = names.size() - NAMES_SHOWN;
    return more > 0 ? text + " and " + more + " more" : text;
  }

  static String reason(Throwable cause) {
    Throwable deepest = cause;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = deepest.getMessage();
    String name = deepest.getClass().getSimpleName();
    return message == null ? name : name + ": " + message;
  }
}
