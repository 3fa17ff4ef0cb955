package io.scorebatch.remote;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;

/**
 * A place in a bucket, an object or a folder. Immutable.
 *
 * @param key without slashes at its ends; empty for the bucket itself
 */
public record S3Location(String bucket, String key) {
  /** Whether a text names such a place: {@code s3://…}, {@code s3a://…} or {@code s3n://…}. */
  public static boolean isOne(String uri) {
    return uri.matches("(?i)s3[an]?:.*");
  }

  /**
   * Reads {@code s3://bucket/key}; keys are taken as written, not decoded.
   *
   * @throws ScorebatchException {@code USAGE} where it names no bucket
   */
  public static S3Location of(String uri) {
    String rest = uri.replaceFirst("^[^:]+:/*", "");
    int slash = rest.indexOf('/');
    String bucket = slash < 0 ? rest : rest.substring(0, slash);
    if (!bucket.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw ScorebatchException.of(
          ErrorCode.USAGE,
          "'" + uri + "' is no place in an object store.",
          "It names no bucket.",
          "write s3://bucket/folder.");
    }
    return new S3Location(bucket, slash < 0 ? "" : rest.substring(slash).replaceAll("^/+|/+$", ""));
  }

  /** The key of what is in it: empty, or the key with a slash behind. */
  public String prefix() {
    return key.isEmpty() ? "" : key + "/";
  }

  /** The place of that name in it. */
  public S3Location child(String name) {
    return new S3Location(bucket, prefix() + name);
  }

  /** {@code s3://bucket/key}. */
  @Override
  public String toString() {
    return key.isEmpty() ? "s3://" + bucket : "s3://" + bucket + "/" + key;
  }
}
