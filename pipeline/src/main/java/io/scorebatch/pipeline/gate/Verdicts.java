package io.scorebatch.pipeline.gate;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.run.GateResult;
import io.scorebatch.api.run.GateResult.Verdict;
import io.scorebatch.pipeline.config.Limit;
import io.scorebatch.pipeline.config.Severity;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.function.DoubleFunction;

/** Gathers what gates say of one batch. One thread at a time. */
public final class Verdicts {
  private final List<GateResult> results = new ArrayList<>();
  private final List<Problem> failures = new ArrayList<>();

  /** What each gate said, in the order they were asked. */
  public List<GateResult> results() {
    return List.copyOf(results);
  }

  /** Why the batch is not published; none where it may be. */
  public List<Problem> failures() {
    return List.copyOf(failures);
  }

  /** What the user should know of a batch that is published all the same. */
  public List<String> warnings() {
    return results.stream()
        .filter(result -> result.verdict() == Verdict.WARNED)
        .map(result -> "warning: " + result.detail())
        .toList();
  }

  /** Throws all failures as one; does nothing where there are none. */
  public void throwIfFailed() {
    if (!failures.isEmpty()) {
      throw new ScorebatchException(failures, null);
    }
  }

  /**
   * What a gate is about.
   *
   * @param gate its name
   * @param subject table, input or end; may be empty
   * @param code of the problem where it fails
   */
  record Topic(String gate, String subject, ErrorCode code) {}

  /**
   * What is wrong where a measure is beyond its limit.
   *
   * @param what with names and values, without a full stop
   * @param why a sentence, or empty
   * @param fix what to do
   */
  record Fault(String what, String why, String fix) {}

  /** Holds a measure against a limit that it may not pass, the limit itself being allowed. */
  void atMost(Topic topic, double measured, Limit limit, DoubleFunction<String> unit, Fault fault) {
    hold(topic, measured, measured, limit, value -> "at most " + unit.apply(value), fault);
  }

  /** Holds a measure against a limit that it must reach. */
  void atLeast(
      Topic topic, double measured, Limit limit, DoubleFunction<String> unit, Fault fault) {
    Limit mirrored = new Limit(negative(limit.fail()), negative(limit.warn()));
    hold(topic, measured, -measured, mirrored, value -> "at least " + unit.apply(-value), fault);
  }

  private void hold(
      Topic topic,
      double measured,
      double value,
      Limit limit,
      DoubleFunction<String> wanted,
      Fault fault) {
    if (limit.fail().isPresent() && value > limit.fail().getAsDouble()) {
      fail(topic, OptionalDouble.of(measured), wanted.apply(limit.fail().getAsDouble()), fault);
      return;
    }
    boolean warns = limit.warn().isPresent();
    String asked =
        warns || limit.fail().isPresent()
            ? wanted.apply(warns ? limit.warn().getAsDouble() : limit.fail().getAsDouble())
            : "";
    if (warns && value > limit.warn().getAsDouble()) {
      warn(topic, OptionalDouble.of(measured), asked, fault);
    } else {
      pass(topic, OptionalDouble.of(measured), asked);
    }
  }

  /** Notes a gate that passed or, by its severity, did not. */
  void settle(
      Topic topic,
      boolean passed,
      Severity severity,
      OptionalDouble measured,
      String wanted,
      Fault fault) {
    if (passed) {
      pass(topic, measured, wanted);
    } else if (severity == Severity.FAIL) {
      fail(topic, measured, wanted, fault);
    } else {
      warn(topic, measured, wanted, fault);
    }
  }

  private void pass(Topic topic, OptionalDouble measured, String wanted) {
    add(topic, measured, wanted, Verdict.PASSED, "");
  }

  private void warn(Topic topic, OptionalDouble measured, String wanted, Fault fault) {
    String why = fault.why().isEmpty() ? "" : ". " + fault.why();
    add(topic, measured, wanted, Verdict.WARNED, fault.what() + "; wanted " + wanted + why);
  }

  /** Notes a gate that stops the batch. */
  void fail(Topic topic, OptionalDouble measured, String wanted, Fault fault) {
    String what = fault.what() + (wanted.isEmpty() ? "." : "; wanted " + wanted + ".");
    failures.add(new Problem(topic.code(), what, fault.why(), fault.fix()));
    String why = fault.why().isEmpty() ? "" : " " + fault.why();
    add(topic, measured, wanted, Verdict.FAILED, what + why);
  }

  /** Notes a gate that had nothing to go by. */
  void skip(Topic topic, String why) {
    add(topic, OptionalDouble.empty(), "", Verdict.NOT_CHECKED, why);
  }

  private void add(
      Topic topic, OptionalDouble measured, String wanted, Verdict verdict, String detail) {
    results.add(
        new GateResult(topic.gate(), topic.subject(), measured, wanted, verdict, detail.strip()));
  }

  private static OptionalDouble negative(OptionalDouble value) {
    return value.isPresent() ? OptionalDouble.of(-value.getAsDouble()) : value;
  }

  /** A share for people; never rounded up to a round figure: 99.996 % is not 100 %. */
  static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f %%", Math.floor(share * 10_000 + 1e-9) / 100);
  }

  /** A number for people, without a fraction where it has none. */
  static String number(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15
        ? String.valueOf((long) value)
        : String.valueOf(value);
  }

  /** A distance for people. */
  static String distance(double value) {
    return String.format(Locale.ROOT, "%.4f", value)
        .replaceFirst("0+$", "")
        .replaceFirst("\\.$", "");
  }
}
