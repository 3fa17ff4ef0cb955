package io.scorebatch.api.run;

import io.scorebatch.api.engine.ScoreStatistics;
import io.scorebatch.api.error.Problem;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * What became of one model. Immutable.
 *
 * @param modelName name in the pipeline
 * @param domain its domain
 * @param status how it ended
 * @param method how it was scored: {@code score_batch}, {@code manual}, {@code previous_version},
 *     {@code last_good} or {@code constant}; null where not scored
 * @param modelUri as asked for
 * @param modelVersion pinned version; empty where unknown
 * @param modelDigest SHA-256 of the artifacts; null where not read
 * @param outputTable three-part name
 * @param tableVersion version committed; empty where nothing was
 * @param rows rows committed; 0 where nothing was
 * @param elapsed wall time
 * @param tablesRead version read by table name
 * @param statistics counts over the rows, where they were scored
 * @param problems why it failed; also why a first method failed before a fallback
 * @param notes what the user should know
 * @param audit what gates, retries and fallbacks did
 */
public record ModelResult(
    String modelName,
    String domain,
    ModelStatus status,
    @Nullable String method,
    String modelUri,
    OptionalInt modelVersion,
    @Nullable String modelDigest,
    String outputTable,
    OptionalLong tableVersion,
    long rows,
    Duration elapsed,
    Map<String, Long> tablesRead,
    Optional<ScoreStatistics> statistics,
    List<Problem> problems,
    List<String> notes,
    Audit audit) {
  public ModelResult {
    tablesRead = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(tablesRead));
    problems = List.copyOf(problems);
    notes = List.copyOf(notes);
  }

  /** Of a model without gates, retries and fallbacks. */
  public ModelResult(
      String modelName,
      String domain,
      ModelStatus status,
      @Nullable String method,
      String modelUri,
      OptionalInt modelVersion,
      @Nullable String modelDigest,
      String outputTable,
      OptionalLong tableVersion,
      long rows,
      Duration elapsed,
      Map<String, Long> tablesRead,
      Optional<ScoreStatistics> statistics,
      List<Problem> problems,
      List<String> notes) {
    this(
        modelName,
        domain,
        status,
        method,
        modelUri,
        modelVersion,
        modelDigest,
        outputTable,
        tableVersion,
        rows,
        elapsed,
        tablesRead,
        statistics,
        problems,
        notes,
        Audit.NONE);
  }
}
