package io.scorebatch.api.error;

import java.util.Locale;

/** Stable codes of all problems. A number is never given to another problem. */
public enum ErrorCode {
  USAGE(100, ErrorKind.CONFIG),
  PIPELINE_INVALID(101, ErrorKind.CONFIG),
  ENGINE_UNKNOWN(102, ErrorKind.CONFIG),

  MODEL_URI_INVALID(200, ErrorKind.CONFIG),
  MODEL_NOT_FOUND(201, ErrorKind.MODEL),
  MODEL_VERSION_NOT_FOUND(202, ErrorKind.MODEL),
  MODEL_ALIAS_NOT_FOUND(203, ErrorKind.MODEL),
  MODEL_ARTIFACT_MISSING(204, ErrorKind.MODEL),
  REGISTRY_UNREADABLE(205, ErrorKind.EXTERNAL),
  REGISTRY_NOT_WRITABLE(206, ErrorKind.EXTERNAL),

  MODEL_UNREADABLE(300, ErrorKind.MODEL),
  MODEL_UNSUPPORTED(301, ErrorKind.MODEL),
  MODEL_REFUSED(302, ErrorKind.MODEL),
  FEATURE_SPEC_INVALID(303, ErrorKind.MODEL),
  FEATURE_SPEC_UNSUPPORTED(304, ErrorKind.MODEL),
  FEATURE_SPEC_MISSING(305, ErrorKind.MODEL),
  OUTPUT_KIND_UNAVAILABLE(306, ErrorKind.MODEL),
  FUNCTION_NOT_REGISTERED(307, ErrorKind.CONFIG),
  PARITY_MISSING(308, ErrorKind.GATE),
  RECORDING_INVALID(309, ErrorKind.DATA),

  TABLE_NOT_FOUND(400, ErrorKind.DATA),
  TABLE_UNREADABLE(401, ErrorKind.DATA),
  TABLE_FEATURE_UNSUPPORTED(402, ErrorKind.DATA),
  TABLE_NAME_INVALID(403, ErrorKind.CONFIG),
  COLUMN_NOT_FOUND(404, ErrorKind.DATA),
  COLUMN_AMBIGUOUS(405, ErrorKind.DATA),
  KEY_TYPE_MISMATCH(406, ErrorKind.DATA),
  FEATURE_TYPE_MISMATCH(407, ErrorKind.DATA),
  DUPLICATE_KEY(408, ErrorKind.DATA),
  NO_ROWS(409, ErrorKind.DATA),
  NO_MATCH(410, ErrorKind.DATA),
  TABLE_VERSION_NOT_FOUND(411, ErrorKind.DATA),
  SCHEMA_MISMATCH(412, ErrorKind.DATA),
  CATALOG_UNREADABLE(413, ErrorKind.EXTERNAL),

  VALUE_NOT_CONVERTIBLE(500, ErrorKind.DATA),
  VALUE_REJECTED(501, ErrorKind.DATA),
  DEFAULT_VALUE_INVALID(502, ErrorKind.DATA),

  COMMIT_CONFLICT(600, ErrorKind.EXTERNAL),
  COMMIT_STATE_UNKNOWN(601, ErrorKind.EXTERNAL),
  TABLE_NOT_WRITABLE(602, ErrorKind.EXTERNAL),
  ROW_COUNT_MISMATCH(603, ErrorKind.GATE),
  NULL_PREDICTION(604, ErrorKind.GATE),
  MATCH_RATE_LOW(605, ErrorKind.GATE),
  NULL_RATE_HIGH(606, ErrorKind.GATE),
  FEATURES_TOO_OLD(607, ErrorKind.GATE),

  QUERY_INVALID(700, ErrorKind.CONFIG),
  QUERY_NOT_READ_ONLY(701, ErrorKind.CONFIG),
  ENGINE_FAILED(702, ErrorKind.INTERNAL),
  OUT_OF_MEMORY(703, ErrorKind.RESOURCES),
  FILE_UNREADABLE(704, ErrorKind.EXTERNAL),
  INTERRUPTED(800, ErrorKind.INTERRUPTED),
  INTERNAL(900, ErrorKind.INTERNAL);

  private final int number;
  private final ErrorKind kind;

  ErrorCode(int number, ErrorKind kind) {
    this.number = number;
    this.kind = kind;
  }

  /** The kind of problem this code stands for. */
  public ErrorKind kind() {
    return kind;
  }

  /** The code as people see it, for example {@code SB-0407}. */
  public String label() {
    return String.format(Locale.ROOT, "SB-%04d", number);
  }
}
