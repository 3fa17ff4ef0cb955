package io.scorebatch.pipeline.config;

import io.scorebatch.api.error.ErrorKind;
import io.scorebatch.api.error.Suggestions;
import io.scorebatch.api.plan.RowHandling.OnBadRow;
import io.scorebatch.pipeline.config.BadRows.Budget;
import io.scorebatch.pipeline.config.Fallback.Method;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads what a pipeline says of failures and bad rows. */
final class FailureEntry {
  /** The keys it reads. */
  static final Set<String> KEYS =
      Set.of("fallback", "retries", "timeout", "on_bad_row", "max_bad_rows", "quarantine");

  private FailureEntry() {}

  static OnFailure read(YamlMap entry) {
    int retries = retries(entry);
    Optional<Duration> timeout = span(entry, "timeout").filter(span -> positive(entry, span));
    return new OnFailure(retries, timeout, fallbacks(entry));
  }

  private static int retries(YamlMap entry) {
    Optional<String> text = entry.text("retries");
    if (text.isPresent() && !text.get().matches("\\d{1,2}")) {
      entry.wrong("retries", "is '" + text.get() + "'.", "write a whole number from 0 to 99.");
      return 0;
    }
    return text.map(Integer::parseInt).orElse(0);
  }

  private static boolean positive(YamlMap entry, Duration span) {
    if (span.isZero()) {
      entry.wrong("timeout", "is no time at all.", "write a span such as 10m.");
    }
    return !span.isZero();
  }

  private static Optional<Duration> span(YamlMap map, String key) {
    Optional<String> text = map.text(key);
    Optional<Duration> span = text.flatMap(Windows::parse);
    if (text.isPresent() && span.isEmpty()) {
      map.wrong(key, "is '" + text.get() + "'.", "write a span such as 10m, 36h or 7d.");
    }
    return span;
  }

  private static List<Fallback> fallbacks(YamlMap entry) {
    if (entry.isText("fallback") && entry.text("fallback").filter("none"::equals).isPresent()) {
      return List.of();
    }
    List<Fallback> fallbacks = new ArrayList<>();
    Set<Method> seen = EnumSet.noneOf(Method.class);
    for (YamlMap item : entry.items("fallback")) {
      Optional<Method> method = method(entry, item);
      if (method.isPresent() && !seen.add(method.get())) {
        entry.wrong("fallback", "names " + name(method.get()) + " twice.", "keep one of them.");
      } else if (method.isPresent()) {
        fallbacks.add(fallback(item, method.get()));
      }
    }
    return fallbacks;
  }

  /** Predictions without a model are for whole tables: they would take the place of good ones. */
  static void checkChain(YamlMap entry, OnFailure onFailure, boolean incremental, WriteSpec write) {
    boolean without = onFailure.has(Method.LAST_GOOD) || onFailure.has(Method.CONSTANT);
    if (without && incremental) {
      entry.wrong(
          "fallback",
          "has last_good or constant beside incremental.",
          "leave them out: what is not scored keeps its last prediction.");
    }
    if (without && write.sliceColumn().isPresent()) {
      entry.wrong(
          "fallback",
          "has last_good or constant beside slice_column.",
          "leave them out: a slice is scored, or is not there.");
    }
  }

  private static String name(Method method) {
    return method.name().toLowerCase(Locale.ROOT);
  }

  private static Optional<Method> method(YamlMap entry, YamlMap item) {
    List<String> names = new ArrayList<>();
    for (Method method : Method.values()) {
      names.add(name(method));
    }
    String key = item.keys().size() == 1 ? item.keys().iterator().next() : "";
    if (names.contains(key)) {
      return Optional.of(Method.valueOf(key.toUpperCase(Locale.ROOT)));
    }
    String near = Suggestions.didYouMean(key, names);
    entry.wrong(
        "fallback",
        "has '" + String.join(", ", item.keys()) + "'" + (near.isEmpty() ? "." : "; " + near),
        "choose none, or list some of " + String.join(", ", names) + ".");
    return Optional.empty();
  }

  private static Fallback fallback(YamlMap item, Method method) {
    String key = name(method);
    double usualMissing = method == Method.LAST_GOOD ? 0 : 1;
    if (!item.isMap(key)) {
      Optional<String> value = item.text(key);
      if (method == Method.CONSTANT && value.isEmpty()) {
        item.wrong(key, "has no value.", "write {constant: 0}.");
      }
      if (method != Method.CONSTANT && value.isPresent()) {
        item.wrong(key, "has a value.", "write " + key + " alone, or a map of settings.");
      }
      return new Fallback(method, Fallback.USUAL, usualMissing, Optional.empty(), value);
    }
    YamlMap settings = item.map(key).orElseThrow();
    Set<ErrorKind> covers = settings.has("on") ? covers(settings) : Fallback.USUAL;
    double maxMissing = usualMissing;
    Optional<Duration> maxAge = Optional.empty();
    Optional<String> value = Optional.empty();
    if (method == Method.CONSTANT) {
      value = Optional.of(settings.required("value"));
    } else {
      maxMissing = missing(settings).orElse(usualMissing);
    }
    if (method == Method.LAST_GOOD) {
      maxAge = span(settings, "max_age");
    }
    settings.refuseUnknownKeys();
    return new Fallback(method, covers, maxMissing, maxAge, value);
  }

  private static Optional<Double> missing(YamlMap settings) {
    Optional<String> text = settings.text("max_missing");
    Optional<Double> share = text.flatMap(GatesEntry::rate);
    if (text.isPresent() && share.isEmpty()) {
      settings.wrong("max_missing", "is '" + text.get() + "'.", "write a share such as 5%.");
    }
    return share;
  }

  private static Set<ErrorKind> covers(YamlMap settings) {
    Set<ErrorKind> covers = EnumSet.noneOf(ErrorKind.class);
    for (String text : settings.texts("on")) {
      Optional<ErrorKind> kind =
          Fallback.COVERABLE.stream()
              .filter(known -> known.name().toLowerCase(Locale.ROOT).equals(text))
              .findFirst();
      if (kind.isEmpty()) {
        settings.wrong(
            "on",
            "has '" + text + "'.",
            "choose among model, data, external, resources, gate and internal.");
      }
      kind.ifPresent(covers::add);
    }
    return covers;
  }

  static BadRows badRows(YamlMap entry) {
    // A plain null is the action of that name here, not an absent setting.
    OnBadRow action =
        entry.isNull("on_bad_row")
            ? OnBadRow.NULL
            : entry.choice("on_bad_row", OnBadRow.class).orElse(OnBadRow.FAIL);
    Optional<Budget> budget = budget(entry);
    Optional<Boolean> quarantine = entry.flag("quarantine");
    if (action == OnBadRow.FAIL) {
      return BadRows.FAIL;
    }
    return new BadRows(action, budget.or(() -> Optional.of(Budget.USUAL)), quarantine.orElse(true));
  }

  /** A number of rows where it is whole and no percentage, else a share. */
  private static Optional<Budget> budget(YamlMap entry) {
    Optional<String> text = entry.text("max_bad_rows");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (text.get().matches("\\d{1,15}")) {
      return Optional.of(new Budget(Double.parseDouble(text.get()), false));
    }
    Optional<Double> share = GatesEntry.rate(text.get());
    if (share.isEmpty()) {
      entry.wrong(
          "max_bad_rows",
          "is '" + text.get() + "'.",
          "write a number of rows, or a share such as 1%.");
    }
    return share.map(value -> new Budget(value, true));
  }
}
