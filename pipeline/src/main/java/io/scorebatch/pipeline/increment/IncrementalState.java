package io.scorebatch.pipeline.increment;

import io.scorebatch.api.table.TableSnapshot;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * What the rows of a prediction table were made of. It is a property of the table, written in the
 * commit that wrote the rows, as JSON; see docs/incremental.md. Immutable.
 *
 * @param complete whether the table holds a prediction for every key there was; if not, the next
 *     run scores all rows
 * @param watermark how far rows were scored, where a column tells
 * @param tables each table read, by name
 * @param modelVersion registered version; empty for models without
 * @param modelDigest SHA-256 of the model's artifacts
 * @param settings hash of the settings that change predictions
 */
public record IncrementalState(
    boolean complete,
    Optional<Watermark> watermark,
    Map<String, Point> tables,
    OptionalInt modelVersion,
    String modelDigest,
    String settings) {
  /** A state that makes the next run score all rows. */
  public static final IncrementalState NOTHING =
      new IncrementalState(false, Optional.empty(), Map.of(), OptionalInt.empty(), "", "");

  public IncrementalState {
    tables = java.util.Collections.unmodifiableMap(new TreeMap<>(tables));
  }

  /**
   * The greatest value of a column that counts as scored.
   *
   * @param column its name
   * @param value ISO-8601 text of a date, an instant or a local time
   */
  public record Watermark(String column, String value) {}

  /** A version of a table: the table's own id tells it from another of the same name. */
  public record Point(String id, long version) {
    static Point of(TableSnapshot table) {
      return new Point(table.tableId(), table.version());
    }
  }

  /** The name of the table property that holds it. */
  public static String property(String pipeline, String model) {
    return "scorebatch.state." + pipeline + "." + model;
  }

  IncrementalState withWatermark(Watermark mark) {
    return new IncrementalState(
        complete, Optional.of(mark), tables, modelVersion, modelDigest, settings);
  }

  boolean sameModel(IncrementalState other) {
    return modelVersion.equals(other.modelVersion) && modelDigest.equals(other.modelDigest);
  }
}
