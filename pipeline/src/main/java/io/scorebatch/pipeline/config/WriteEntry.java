package io.scorebatch.pipeline.config;

import io.scorebatch.api.plan.Sample;
import io.scorebatch.pipeline.config.IncrementalSpec.By;
import io.scorebatch.pipeline.config.IncrementalSpec.OnNewModel;
import io.scorebatch.pipeline.config.ModelSpec.Source;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads from a model's entry which of its rows are scored, and how they are written. */
final class WriteEntry {
  private WriteEntry() {}

  static WriteSpec write(YamlMap entry, Optional<IncrementalSpec> incremental) {
    String table = entry.required("output_table");
    List<String> partitions = new ArrayList<>(entry.texts("partition_by"));
    Optional<String> predicate = entry.text("replace_where");
    Optional<String> slice = entry.text("slice_column");
    boolean remove = removeDeletedKeys(entry);
    WriteMode usual =
        incremental.isPresent()
            ? WriteMode.MERGE
            : predicate.isPresent() || slice.isPresent()
                ? WriteMode.REPLACE_WHERE
                : WriteMode.OVERWRITE;
    WriteMode mode = entry.choice("mode", WriteMode.class).orElse(usual);
    if (slice.isPresent() && partitions.isEmpty()) {
      partitions.add(slice.get());
    }
    WriteSpec write = new WriteSpec(table, mode, partitions, predicate, slice, remove);
    checkPart(entry, write);
    if (remove && mode != WriteMode.MERGE) {
      entry.wrong("deleted_keys", "is 'remove' without mode merge.", "set mode: merge.");
    }
    incremental.ifPresent(by -> checkIncremental(entry, by, write));
    return write;
  }

  private static void checkPart(YamlMap entry, WriteSpec write) {
    boolean replaces = write.mode() == WriteMode.REPLACE_WHERE;
    if (write.replaceWhere().isPresent() && !replaces) {
      entry.wrong(
          "replace_where", "is set without mode replace_where.", "set mode: replace_where.");
    }
    if (write.replaceWhere().isPresent() && write.sliceColumn().isPresent()) {
      entry.wrong("replace_where", "is set beside slice_column.", "leave one of them out.");
    }
    if (replaces && write.replaceWhere().isEmpty() && write.partitionBy().isEmpty()) {
      entry.wrong(
          "mode",
          "is 'replace_where', but not of what.",
          "add replace_where: <SQL predicate>, partition_by: [column] or slice_column: NAME.");
    }
    if (write.sliceColumn().isPresent()
        && !write.partitionBy().contains(write.sliceColumn().get())) {
      entry.wrong(
          "partition_by",
          "lacks the slice_column.",
          "add it: a slice is a partition of the table.");
    }
    if (Set.copyOf(write.partitionBy()).size() != write.partitionBy().size()) {
      entry.wrong("partition_by", "names a column twice.", "name each once.");
    }
  }

  private static void checkIncremental(YamlMap entry, IncrementalSpec by, WriteSpec write) {
    if (write.mode() != WriteMode.MERGE && write.mode() != WriteMode.APPEND) {
      entry.wrong(
          "incremental",
          "does not go with mode " + lower(write.mode()) + ".",
          "set mode: merge or mode: append.");
    }
    if (by.by() == By.CONTENT && write.mode() == WriteMode.APPEND) {
      entry.wrong(
          "incremental.by",
          "is 'content', which needs a table that holds each key once.",
          "set mode: merge.");
    }
    if (write.sliceColumn().isPresent()) {
      entry.wrong(
          "slice_column",
          "does not go with incremental.",
          "leave one of them out: a slice is whole.");
    }
  }

  private static boolean removeDeletedKeys(YamlMap entry) {
    String text = entry.text("deleted_keys").orElse("keep");
    if (!Set.of("keep", "remove").contains(text)) {
      entry.wrong("deleted_keys", "is '" + text + "'.", "choose keep or remove.");
    }
    return text.equals("remove");
  }

  /** Either a map of settings, or only the word for {@code by}. */
  static Optional<IncrementalSpec> incremental(YamlMap entry, KeySpec keys) {
    if (!entry.has("incremental")) {
      return Optional.empty();
    }
    if (entry.isText("incremental")) {
      Optional<By> by = entry.choice("incremental", By.class);
      by.ifPresent(kind -> checkKeys(entry, "incremental", kind, keys));
      if (by.equals(Optional.of(By.WATERMARK))) {
        entry.wrong(
            "incremental", "names no column.", "write {by: watermark, column: last_updated}.");
      }
      return by.map(
          kind ->
              new IncrementalSpec(
                  kind, Optional.empty(), Duration.ZERO, Duration.ZERO, OnNewModel.FULL));
    }
    YamlMap map = entry.map("incremental").orElseThrow();
    if (!map.has("by")) {
      map.wrong("by", "is missing.", "choose watermark, table_version, missing_keys or content.");
    }
    Optional<By> by = map.choice("by", By.class);
    Optional<String> column = map.text("column");
    Duration lag = map.window("lag").orElse(Duration.ofHours(1));
    Duration lookback = map.window("lookback").orElse(Duration.ofDays(1));
    OnNewModel onNewModel = map.choice("on_new_model", OnNewModel.class).orElse(OnNewModel.FULL);
    if (by.isPresent()) {
      boolean watermark = by.get() == By.WATERMARK;
      for (String key : List.of("column", "lag", "lookback")) {
        if (!watermark && map.has(key)) {
          map.wrong(key, "is set, but rows are not told by a watermark.", "leave it out.");
        }
      }
      if (watermark && column.isEmpty()) {
        map.wrong("column", "is missing.", "name a date or timestamp such as last_updated.");
      }
      checkKeys(map, "by", by.get(), keys);
    }
    map.refuseUnknownKeys();
    return by.map(kind -> new IncrementalSpec(kind, column, lag, lookback, onNewModel));
  }

  private static void checkKeys(YamlMap map, String key, By by, KeySpec keys) {
    Optional<Source> source = keys.source();
    boolean query = source.isPresent() && source.get() instanceof Source.Sql;
    boolean file = source.isPresent() && source.get() instanceof Source.File;
    if (by == By.TABLE_VERSION && (query || file)) {
      map.wrong(
          key,
          "is 'table_version', but the keys do not come from a table.",
          "take them from a table, or choose missing_keys or content.");
    }
    if (by == By.WATERMARK && file) {
      map.wrong(
          key,
          "is 'watermark', but the keys come from a file.",
          "take them from a table or a query, or choose missing_keys or content.");
    }
  }

  static SampleSpec sample(YamlMap entry, KeySpec keys) {
    OptionalLong rows = entry.whole("max_rows", 1);
    Optional<String> share = entry.text("sample");
    Optional<Sample.Size> size = share.flatMap(WriteEntry::share);
    if (share.isPresent() && size.isEmpty()) {
      entry.wrong(
          "sample", "is '" + share.get() + "'.", "write a share such as 1% or 0.01, at most 1.");
    }
    if (share.isPresent() && rows.isPresent()) {
      entry.wrong("sample", "is set beside max_rows.", "leave one of them out.");
    }
    Optional<String> stratify = entry.text("sample_stratify");
    if (stratify.isPresent()
        && !keys.idColumns().contains(stratify.get())
        && !keys.passthrough().contains(stratify.get())) {
      entry.wrong(
          "sample_stratify",
          "is '" + stratify.get() + "', neither a key nor passed through.",
          "name one of id_columns, or add it to passthrough.");
    }
    if (rows.isPresent()) {
      size = Optional.of(new Sample.Rows(rows.getAsLong()));
    }
    return new SampleSpec(size, entry.whole("sample_seed", Long.MIN_VALUE).orElse(0), stratify);
  }

  /** A share as {@code 1%} or {@code 0.01}. */
  static Optional<Sample.Size> share(String text) {
    String stripped = text.strip();
    boolean percent = stripped.endsWith("%");
    try {
      double number =
          Double.parseDouble(percent ? stripped.substring(0, stripped.length() - 1) : stripped);
      double share = percent ? number / 100 : number;
      return share > 0 && share <= 1 ? Optional.of(new Sample.Share(share)) : Optional.empty();
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(java.util.Locale.ROOT);
  }
}
