package io.scorebatch.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.artifact.lightgbm.LightgbmReader;
import io.scorebatch.artifact.mlmodel.MlModelFile;
import io.scorebatch.artifact.spec.FeatureSpecParser;
import io.scorebatch.artifact.xgboost.XgboostReader;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Damaged and hostile files: a reader reads them or refuses them clearly, and does nothing else.
 *
 * <p>{@code -Dscorebatch.fuzz.factor=100} makes a longer run, {@code -Dscorebatch.fuzz.seed=N}
 * another one.
 */
@Timeout(value = 12, unit = TimeUnit.HOURS) // a reader that hangs is told
class ReaderFuzzTest {
  private static final int FACTOR = Integer.getInteger("scorebatch.fuzz.factor", 1);
  private static final long SEED = Long.getLong("scorebatch.fuzz.seed", 20240105);
  private static final Set<ErrorCode> REFUSALS =
      EnumSet.of(
          ErrorCode.MODEL_UNREADABLE,
          ErrorCode.MODEL_UNSUPPORTED,
          ErrorCode.MODEL_REFUSED,
          ErrorCode.FEATURE_SPEC_INVALID,
          ErrorCode.FEATURE_SPEC_UNSUPPORTED);

  /** What readers tend to stumble over. */
  private static final List<byte[]> TOKENS =
      Stream.of(
              "0",
              "-1",
              "1",
              "9",
              "2147483647",
              "-2147483648",
              "4294967296",
              "1e999",
              "NaN",
              "nan",
              "inf",
              "Infinity",
              "null",
              "true",
              "''",
              "\"\"",
              "[]",
              "{}",
              "[",
              "{",
              "]",
              "}",
              ":",
              ",",
              "\n",
              " ",
              "\t",
              "\\",
              "&a ",
              "*a",
              "!!python/name:os.system ",
              "..",
              "=",
              "\0",
              "[[[[[[[[",
              "{\"a\":",
              "- ",
              "? ",
              "%",
              "\u00e9",
              "🙂",
              "99999999999999999999")
          .map(t -> t.getBytes(StandardCharsets.UTF_8))
          .toList();

  private final Random random = new Random(SEED);

  @Test
  void readsOrRefusesDamagedMlModels() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (Path file : fixtures("mlflow-.*/MLmodel")) {
      seeds.add(Files.readAllBytes(file));
    }
    fuzz("MLmodel files", seeds, 25_000, bytes -> MlModelFile.parse(utf8(bytes), Path.of("m")));
  }

  @Test
  void readsOrRefusesDamagedFeatureSpecs() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (String name :
        List.of(
            "02_two_tables_rename",
            "03_pit_lookback",
            "04_default_values",
            "05_on_demand_chain",
            "07_declarative_v11",
            "08_legacy_v2_hms")) {
      seeds.add(spec(name));
    }
    fuzz(
        "feature specs",
        seeds,
        25_000,
        bytes -> FeatureSpecParser.parse(utf8(bytes), "feature_spec.yaml"));
  }

  @Test
  void readsOrRefusesDamagedXgboostModels() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (Path file : fixtures("xgboost-.*/model.(json|ubj)")) {
      seeds.add(Files.readAllBytes(file));
    }
    assertThat(seeds).hasSizeGreaterThan(150);
    fuzz(
        "XGBoost files",
        seeds,
        35_000,
        bytes -> XgboostReader.readFile(bytes, "model", "xgboost.sklearn.XGBRegressor"));
  }

  @Test
  void readsOrRefusesDamagedLightgbmModels() throws IOException {
    List<byte[]> seeds = new ArrayList<>();
    for (Path file : fixtures("lightgbm-.*/model.txt")) {
      // The trees and the end are as telling as the whole and far quicker.
      String text = Files.readString(file);
      int parameters = text.indexOf("parameters:");
      String end =
          text.contains("pandas_categorical:[")
              ? text.substring(text.indexOf("pandas_categorical:["))
              : "";
      seeds.add((text.substring(0, parameters) + end).getBytes(StandardCharsets.UTF_8));
    }
    fuzz(
        "LightGBM texts",
        seeds,
        25_000,
        bytes -> LightgbmReader.readText(utf8(bytes), "model", null));
  }

  @Test
  void readsOrRefusesFilesCutAtEveryLength() throws IOException {
    byte[] ubj = Files.readAllBytes(Fixtures.fixture("xgboost-3.2.0/regression-stump/model.ubj"));
    byte[] json = Files.readAllBytes(Fixtures.fixture("xgboost-3.2.0/regression-stump/model.json"));
    for (byte[] whole : List.of(ubj, json)) {
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThat(outcome(cut, b -> XgboostReader.readFile(b, "model", "xgboost.core.Booster")))
            .as("length %s", length)
            .isEqualTo("refused");
      }
    }
    byte[] text = Files.readAllBytes(Fixtures.fixture("lightgbm-4.7.0/one-tree/model.txt"));
    for (int length = 0; length < text.length; length++) {
      outcome(Arrays.copyOf(text, length), b -> LightgbmReader.readText(utf8(b), "model", null));
    }
    byte[] spec = spec("05_on_demand_chain");
    for (int length = 0; length < spec.length; length++) {
      outcome(
          Arrays.copyOf(spec, length), b -> FeatureSpecParser.parse(utf8(b), "feature_spec.yaml"));
    }
    byte[] mlModel =
        Files.readAllBytes(Fixtures.fixture("mlflow-3.17.2/sklearn-forest-params/model/MLmodel"));
    for (int length = 0; length < mlModel.length; length++) {
      outcome(Arrays.copyOf(mlModel, length), b -> MlModelFile.parse(utf8(b), Path.of("m")));
    }
  }

  @Test
  void refusesAbsurdSizesAndDepths() {
    for (String hex :
        List.of(
            "7b4c0000000000000001615b2464234c7fffffffffffffff", // a list of 2^63 floats
            "7b4c0000000000000001615b2464234cffffffffffffffff", // of -1 floats
            "7b4c0000000000000001615b234c00000000ffffffff", // of 2^32 values
            "7b4c7fffffffffffffff61", // a key of 2^63 bytes
            "7b6980", // a key of -128 bytes
            "7b234c7fffffffffffffff4c", // an object of 2^63 entries
            "7b24")) {
      byte[] bytes = HexFormat.of().parseHex(hex);
      assertThat(outcome(bytes, b -> XgboostReader.readFile(b, "model", "xgboost.core.Booster")))
          .isEqualTo("refused");
    }
    String deep = "{\"a\":".repeat(100_000);
    assertThat(
            outcome(
                deep.getBytes(StandardCharsets.UTF_8),
                b -> XgboostReader.readFile(b, "model", "xgboost.core.Booster")))
        .isEqualTo("refused");
    byte[] deepUbj = new byte[200_000];
    Arrays.fill(deepUbj, (byte) '[');
    byte[] start = HexFormat.of().parseHex("7b690161");
    System.arraycopy(start, 0, deepUbj, 0, start.length);
    assertThat(outcome(deepUbj, b -> XgboostReader.readFile(b, "model", "xgboost.core.Booster")))
        .isEqualTo("refused");
  }

  private static byte[] spec(String name) throws IOException {
    try (InputStream in = FeatureSpecParser.class.getResourceAsStream(name + ".yaml")) {
      return Objects.requireNonNull(in).readAllBytes();
    }
  }

  private static List<Path> fixtures(String pattern) throws IOException {
    try (Stream<Path> paths = Files.walk(Fixtures.fixture("."))) {
      return paths.filter(path -> path.toString().matches(".*/" + pattern)).sorted().toList();
    }
  }

  private void fuzz(String what, List<byte[]> seeds, int count, Consumer<byte[]> reader) {
    int read = 0;
    for (byte[] seed : seeds) {
      assertThat(outcome(seed, reader)).isIn("read", "refused");
    }
    for (int i = 0; i < count * FACTOR; i++) {
      byte[] mutated = mutate(seeds.get(i % seeds.size()));
      read += outcome(mutated, reader).equals("read") ? 1 : 0;
    }
    System.out.printf(
        "%,d damaged %s made of %,d: %,d refused, %,d read%n",
        count * FACTOR, what, seeds.size(), count * FACTOR - read, read);
    // Both happen: the mutations are neither all harmless nor all fatal.
    assertThat(read).isBetween(count / 100, count * FACTOR - 1);
  }

  private static String outcome(byte[] bytes, Consumer<byte[]> reader) {
    try {
      reader.accept(bytes);
      return "read";
    } catch (ScorebatchException e) {
      assertThat(e.problem().code()).isIn(REFUSALS);
      assertThat(e.problem().what()).isNotBlank();
      return "refused";
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      return fail(
          "neither read nor refused: "
              + new String(bytes, 0, Math.min(bytes.length, 4000), StandardCharsets.ISO_8859_1),
          e);
    }
  }

  private byte[] mutate(byte[] seed) {
    byte[] bytes = seed.clone();
    for (int n = 1 + random.nextInt(4); n > 0; n--) {
      int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
      switch (random.nextInt(7)) {
        case 0 -> {
          if (bytes.length > 0) {
            bytes[at] = (byte) random.nextInt(256);
          }
        }
        case 1 -> {
          if (bytes.length > 0) {
            bytes[at] ^= (byte) (1 << random.nextInt(8));
          }
        }
        case 2 -> bytes = splice(bytes, at, 0, TOKENS.get(random.nextInt(TOKENS.size())));
        case 3 -> bytes = splice(bytes, at, 1, TOKENS.get(random.nextInt(TOKENS.size())));
        case 4 -> bytes = splice(bytes, at, random.nextInt(20), new byte[0]);
        case 5 -> {
          int from = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
          int length = Math.min(random.nextInt(60), bytes.length - from);
          bytes = splice(bytes, at, 0, Arrays.copyOfRange(bytes, from, from + length));
        }
        default -> {
          if (random.nextInt(4) == 0) {
            bytes = Arrays.copyOf(bytes, at);
          }
        }
      }
    }
    return bytes;
  }

  private static byte[] splice(byte[] bytes, int at, int drop, byte[] insert) {
    int dropped = Math.min(drop, bytes.length - at);
    byte[] result = new byte[bytes.length - dropped + insert.length];
    System.arraycopy(bytes, 0, result, 0, at);
    System.arraycopy(insert, 0, result, at, insert.length);
    System.arraycopy(bytes, at + dropped, result, at + insert.length, bytes.length - at - dropped);
    return result;
  }

  private static String utf8(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
