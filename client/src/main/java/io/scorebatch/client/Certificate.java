package io.scorebatch.client;

import static java.util.Objects.requireNonNull;

import io.scorebatch.pipeline.run.Certificates.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.OptionalInt;

/**
 * What a comparison of native scores with Python's found. Immutable.
 *
 * @param digest of the model, as {@code inspect} shows it
 * @param uri as the model was asked for
 * @param model registered name; a file's or folder's name where a path was asked for
 * @param version registered version; empty for paths
 * @param library library and version that trained the model
 * @param className Python class
 * @param recordedBy where Python's answers come from: a file, or an interpreter and its packages
 * @param rows rows compared
 * @param refused rows Python refuses, not compared
 * @param kinds each kind of output
 * @param scorebatch version of this program
 * @param at when, UTC
 */
public record Certificate(
    String digest,
    String uri,
    String model,
    OptionalInt version,
    String library,
    String className,
    String recordedBy,
    int rows,
    int refused,
    List<Compared> kinds,
    String scorebatch,
    Instant at) {
  public Certificate {
    requireNonNull(digest, "digest is null");
    kinds = List.copyOf(kinds);
  }

  /**
   * One kind of output. Differences are of numbers; labels are the same or not.
   *
   * @param kind its configuration name
   * @param cells cells compared
   * @param exact cells of the same bits, labels that are equal
   * @param mismatchingLabels labels that differ
   * @param maxAbsolute greatest absolute difference; infinite where one is NaN and the other not
   * @param maxUlps greatest difference in units of the last place of a double
   * @param greatest greatest difference as a part of what {@code tolerance} is relative to
   * @param tolerance what that part may be; 0 for the same bits
   * @param worst the cell that differs most; empty where none does
   */
  public record Compared(
      String kind,
      int cells,
      int exact,
      int mismatchingLabels,
      double maxAbsolute,
      long maxUlps,
      double greatest,
      double tolerance,
      String worst) {
    /** Exact, or labels equal and numbers within the tolerance, or different. */
    public Verdict verdict() {
      if (exact == cells) {
        return Verdict.EXACT;
      }
      return mismatchingLabels == 0 && greatest <= tolerance
          ? Verdict.WITHIN_TOLERANCE
          : Verdict.DIFFERENT;
    }
  }

  /** The worst verdict of all kinds. */
  public Verdict verdict() {
    return kinds.stream().map(Compared::verdict).max(Verdict::compareTo).orElse(Verdict.DIFFERENT);
  }

  public int cells() {
    return kinds.stream().mapToInt(Compared::cells).sum();
  }

  public int mismatchingLabels() {
    return kinds.stream().mapToInt(Compared::mismatchingLabels).sum();
  }

  public double maxAbsolute() {
    return kinds.stream().mapToDouble(Compared::maxAbsolute).max().orElse(0);
  }
}
