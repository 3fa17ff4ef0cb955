package io.scorebatch.pipeline.config;

import io.scorebatch.pipeline.config.Band.Range;
import io.scorebatch.pipeline.config.Drift.Baseline;
import io.scorebatch.pipeline.config.Gates.Golden;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the gates of a model: a limit is one value, beyond which the model fails, or {@code {fail:
 * …, warn: …}}; {@code off} takes a gate away. What is not said is as it was.
 */
final class GatesEntry {
  private static final Pattern VERSION = Pattern.compile("(.+)@(\\d{1,18})");

  private final YamlMap map;
  private final Gates usual;

  private GatesEntry(YamlMap map, Gates usual) {
    this.map = map;
    this.usual = usual;
  }

  /** The gates of models whose entry says nothing. */
  static Gates usual(@Nullable YamlMap defaults) {
    Optional<YamlMap> map = defaults == null ? Optional.empty() : defaults.map("gates");
    return map.map(gates -> read(gates, Gates.USUAL)).orElse(Gates.USUAL);
  }

  /**
   * The gates of a model: what its map {@code gates} says, else its own keys beside it, else the
   * usual ones.
   */
  static Gates of(YamlMap entry, Gates usual) {
    Gates beside = usual.withFeatures(features(entry, usual.features()));
    // The map of the defaults is in the usual ones already.
    Optional<YamlMap> map = entry.own("gates");
    return map.map(gates -> read(gates, beside)).orElse(beside);
  }

  private static Gates read(YamlMap map, Gates usual) {
    Gates gates = new GatesEntry(map, usual).read();
    map.refuseUnknownKeys();
    return gates;
  }

  private Gates read() {
    return new Gates(
        band("row_range", usual.rowRange(), GatesEntry::count),
        limit(map, "row_change", usual.rowChange(), GatesEntry::atLeastZero),
        limit(map, "null_predictions", usual.nullPredictions(), GatesEntry::rate),
        band("prediction_range", usual.predictionRange(), GatesEntry::number),
        band("positive_share", usual.positiveShare(), GatesEntry::rate),
        map.choice("constant_prediction", Severity.class).orElse(usual.constantPrediction()),
        features(map, usual.features()),
        drift("prediction_drift", usual.predictionDrift()),
        drift("feature_drift", usual.featureDrift()),
        golden(),
        map.flag("allow_sampled").orElse(usual.allowSampled()));
  }

  private static FeatureChecks features(YamlMap map, FeatureChecks usual) {
    return new FeatureChecks(
        limit(map, "min_match_rate", usual.minMatchRate(), GatesEntry::rate),
        limit(map, "max_null_rate", usual.maxNullRate(), GatesEntry::rate),
        limit(map, "max_default_rate", usual.maxDefaultRate(), GatesEntry::rate),
        limit(map, "max_age", usual.maxAgeSeconds(), GatesEntry::seconds));
  }

  private static boolean isOff(YamlMap map, String key) {
    return map.isText(key) && map.text(key).filter("off"::equals).isPresent();
  }

  private static Optional<Limit> limit(
      YamlMap map, String key, Optional<Limit> usual, Function<String, Optional<Double>> reader) {
    if (!map.has(key)) {
      return usual;
    }
    if (isOff(map, key)) {
      return Optional.empty();
    }
    if (!map.isMap(key)) {
      return Optional.of(new Limit(value(map, key, reader), OptionalDouble.empty()));
    }
    YamlMap both = map.map(key).orElseThrow();
    Limit limit = new Limit(value(both, "fail", reader), value(both, "warn", reader));
    both.refuseUnknownKeys();
    if (!both.has("fail") && !both.has("warn")) {
      map.wrong(key, "names no limit.", "write {fail: …, warn: …}, or one value.");
    }
    return Optional.of(limit);
  }

  private static OptionalDouble value(
      YamlMap map, String key, Function<String, Optional<Double>> reader) {
    Optional<String> text = map.text(key);
    Optional<Double> value = text.flatMap(reader);
    if (text.isPresent() && value.isEmpty()) {
      map.wrong(
          key,
          "is '" + text.get() + "'.",
          "write a share such as 0.05 or 5%, or an age such as 36h.");
    }
    return value.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
  }

  private Optional<Band> band(
      String key, Optional<Band> usual, Function<String, Optional<Double>> reader) {
    if (!map.has(key)) {
      return usual;
    }
    if (isOff(map, key)) {
      return Optional.empty();
    }
    if (!map.isMap(key)) {
      return Optional.of(new Band(range(map, key, reader), Optional.empty()));
    }
    YamlMap both = map.map(key).orElseThrow();
    Optional<Range> fail = both.has("fail") ? range(both, "fail", reader) : Optional.empty();
    Optional<Range> warn = both.has("warn") ? range(both, "warn", reader) : Optional.empty();
    both.refuseUnknownKeys();
    if (!both.has("fail") && !both.has("warn")) {
      map.wrong(key, "names no band.", "write {fail: [low, high], warn: [low, high]}.");
    }
    return Optional.of(new Band(fail, warn));
  }

  private static Optional<Range> range(
      YamlMap map, String key, Function<String, Optional<Double>> reader) {
    List<Optional<String>> ends = map.cells(key);
    if (ends.size() == 2) {
      Optional<Double> low = ends.get(0).map(reader).orElse(Optional.of(Double.NEGATIVE_INFINITY));
      Optional<Double> high = ends.get(1).map(reader).orElse(Optional.of(Double.POSITIVE_INFINITY));
      if (low.isPresent() && high.isPresent() && low.get() <= high.get()) {
        return Optional.of(new Range(low.get(), high.get()));
      }
    }
    if (!ends.isEmpty()) {
      map.wrong(key, "is no band.", "write [low, high]; null for an open end.");
    }
    return Optional.empty();
  }

  private Optional<Drift> drift(String key, Optional<Drift> usual) {
    if (!map.has(key)) {
      return usual;
    }
    if (isOff(map, key)) {
      return Optional.empty();
    }
    if (!map.isMap(key)) {
      Optional<Limit> psi = limit(map, key, Optional.empty(), GatesEntry::atLeastZero);
      return Optional.of(new Drift(psi, Optional.empty(), new Baseline.Previous(), Gates.MIN_ROWS));
    }
    YamlMap drift = map.map(key).orElseThrow();
    Optional<Limit> psi = limit(drift, "psi", Optional.empty(), GatesEntry::atLeastZero);
    Optional<Limit> ks = limit(drift, "ks", Optional.empty(), GatesEntry::rate);
    Baseline baseline =
        drift.text("baseline").map(GatesEntry::baseline).orElse(new Baseline.Previous());
    int minRows = drift.positive("min_rows").orElse(Gates.MIN_ROWS);
    drift.refuseUnknownKeys();
    if (psi.isEmpty() && ks.isEmpty()) {
      map.wrong(key, "names no limit.", "write {psi: 0.25}, or {psi: {warn: 0.1, fail: 0.25}}.");
    }
    return Optional.of(new Drift(psi, ks, baseline, minRows));
  }

  private static Baseline baseline(String text) {
    if (text.equals("previous")) {
      return new Baseline.Previous();
    }
    Matcher version = VERSION.matcher(text);
    return version.matches()
        ? new Baseline.TableVersion(version.group(1), Long.parseLong(version.group(2)))
        : new Baseline.File(text);
  }

  private Optional<Golden> golden() {
    String key = "golden_rows";
    if (!map.has(key)) {
      return usual.goldenRows();
    }
    if (isOff(map, key)) {
      return Optional.empty();
    }
    if (!map.isMap(key)) {
      return map.text(key).map(file -> new Golden(file, Severity.FAIL));
    }
    YamlMap either = map.map(key).orElseThrow();
    Optional<String> fail = either.text("fail");
    Optional<String> warn = either.text("warn");
    either.refuseUnknownKeys();
    if (fail.isPresent() == warn.isPresent()) {
      map.wrong(key, "names no one file.", "write a file, or {warn: FILE}.");
    }
    return fail.isPresent()
        ? fail.map(file -> new Golden(file, Severity.FAIL))
        : warn.map(file -> new Golden(file, Severity.WARN));
  }

  /** A number, or a percentage as a share. */
  static Optional<Double> number(String text) {
    String stripped = text.strip();
    boolean percent = stripped.endsWith("%");
    try {
      double value =
          Double.parseDouble(percent ? stripped.substring(0, stripped.length() - 1) : stripped);
      return Double.isNaN(value) ? Optional.empty() : Optional.of(percent ? value / 100 : value);
    } catch (NumberFormatException e) {
      return Optional.empty();
    }
  }

  private static Optional<Double> atLeastZero(String text) {
    return number(text).filter(value -> value >= 0 && Double.isFinite(value));
  }

  /** A share of a whole: 0 to 1, or 0% to 100%. */
  static Optional<Double> rate(String text) {
    return atLeastZero(text).filter(value -> value <= 1);
  }

  private static Optional<Double> count(String text) {
    return atLeastZero(text.replace("_", "")).filter(value -> value == Math.rint(value));
  }

  private static Optional<Double> seconds(String text) {
    return Windows.parse(text.toLowerCase(Locale.ROOT).replace(" ", "")).map(GatesEntry::seconds);
  }

  private static double seconds(Duration span) {
    return span.toNanos() / 1e9;
  }
}
