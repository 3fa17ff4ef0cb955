package io.scorebatch.artifact.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.artifact.pickle.PickleReader;
import io.scorebatch.artifact.sklearn.SklearnTranslator;
import io.scorebatch.artifact.skops.SkopsReader;
import io.scorebatch.kernel.NativeScorerFactory;
import io.scorebatch.testing.Fixtures;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Damaged and hostile model files: each is refused clearly or read rightly, within the heap the
 * module's tests run with ({@code -Xmx256m}). A longer run: {@code ./mvnw -pl artifact test
 * -Dtest='HostileFilesTest,ReaderFuzzTest' -Dscorebatch.fuzz.factor=50 -Dscorebatch.fuzz.seed=7}.
 */
@Timeout(value = 12, unit = TimeUnit.HOURS) // a reader that hangs is told
class HostileFilesTest {
  private static final int INPUTS = 90_000 * Integer.getInteger("scorebatch.fuzz.factor", 1);
  private static final long SEED = Long.getLong("scorebatch.fuzz.seed", 20261125);
  private static final int SMALL = 16_000;
  private static final int TRUNCATED_WHOLE = 1_200;
  private static final int SCORED_EVERY = 16;

  private final SklearnTranslator translator = new SklearnTranslator(Map.of());
  private final NativeScorerFactory scorers = new NativeScorerFactory();
  private int refused;
  private int read;

  @Test
  void damagedPicklesAreRefusedOrRead() throws IOException {
    List<byte[]> files = files(f -> f.endsWith(".pkl") || f.endsWith(".joblib"));
    assertThat(files).hasSizeGreaterThan(500);
    Mutator mutator = new Mutator(SEED);
    for (int i = 0; i < INPUTS; i++) {
      byte[] file = files.get(mutator.below(files.size()));
      byte[] mutated = mutator.mutate(file, files);
      attempt("pickle " + i + " of seed " + SEED, mutated, false, i % SCORED_EVERY == 0);
    }
    tell("pickles", files.size());
  }

  @Test
  void picklesCutAtAnyLengthAreRefused() throws IOException {
    int cut = 0;
    for (byte[] file : files(f -> f.endsWith(".pkl") || f.endsWith(".joblib"))) {
      if (file.length > TRUNCATED_WHOLE) {
        continue;
      }
      for (int length = 0; length < file.length; length++) {
        byte[] shorter = Arrays.copyOf(file, length);
        try {
          PickleReader.read("cut.pkl", shorter);
        } catch (ScorebatchException e) {
          cut++;
        }
      }
    }
    assertThat(cut).isGreaterThan(80_000);
  }

  @Test
  void damagedSkopsFilesAreRefusedOrRead() throws IOException {
    List<byte[]> files = files(f -> f.endsWith(".skops"));
    assertThat(files).hasSizeGreaterThan(20);
    List<Map<String, byte[]>> unzipped = new ArrayList<>();
    List<byte[]> parts = new ArrayList<>();
    for (byte[] file : files) {
      Map<String, byte[]> entries = unzip(file);
      unzipped.add(entries);
      parts.addAll(entries.values());
    }
    Mutator mutator = new Mutator(SEED + 1);
    for (int i = 0; i < INPUTS / 3; i++) {
      int chosen = mutator.below(files.size());
      byte[] mutated =
          i % 8 == 0
              ? mutator.mutate(files.get(chosen), parts)
              : zip(withOneDamaged(unzipped.get(chosen), parts, mutator));
      attempt("skops " + i + " of seed " + SEED, mutated, true, i % SCORED_EVERY == 0);
    }
    tell("skops files", files.size());
  }

  @Test
  void skopsFilesCutAtAnyLengthAreRefused() throws IOException {
    byte[] file =
        files(f -> f.endsWith(".skops")).stream()
            .min(Comparator.comparingInt(f -> f.length))
            .orElseThrow();
    for (int length = 0; length < file.length; length++) {
      attempt("skops cut to " + length, Arrays.copyOf(file, length), true, false);
    }
    // A file cut in the directory at its end still has all its entries.
    assertThat(refused).isGreaterThan(file.length / 2);
  }

  @Test
  void nestingTakesNoStack() {
    int depth = 200_000;
    attempt("lists", bytes("]".repeat(depth) + "a".repeat(depth - 1) + "."), false, false);
    attempt("tuples", bytes("N" + "\u0085".repeat(depth) + "."), false, false);
    attempt("marks", bytes("(".repeat(depth) + "t".repeat(depth) + "."), false, false);
    String open = "{\"__loader__\":\"ListNode\",\"content\":[".repeat(20_000);
    attempt("json", zip(Map.of("schema.json", bytes(open))), true, false);
  }

  @Test
  void smallFilesCannotAskForMuch() {
    // The same 1 MB of bytes named as an array 50 times, and tuples that double at each step.
    String doubling = "N" + "2\u0086".repeat(60) + ".";
    attempt("doubling", bytes(doubling), false, false);
    String popped = "(" + "]".repeat(1_000_000) + "t.";
    attempt("empty lists", bytes(popped), false, false);
    attempt("memo", bytes("Nr\u00ff\u00ff\u00ff\u0000" + "N".repeat(100) + "."), false, false);
    byte[] array =
        bytes(
            "\u0093NUMPY\u0001\u0000v\u0000{'descr': '<f8', 'fortran_order': False, 'shape':"
                + " (2147483647, 2147483647), }");
    attempt("npy", zip(Map.of("schema.json", npySchema(), "1.npy", array)), true, false);
  }

  @Test
  void zipBombsAndNamesThatClimbAreRefused() throws IOException {
    byte[] zeros = new byte[1 << 20];
    ByteArrayOutputStream zipped = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(zipped)) {
      out.putNextEntry(new ZipEntry("1.npy"));
      for (int i = 0; i < 200; i++) {
        out.write(zeros);
      }
    }
    assertThatThrownBy(() -> SkopsReader.read("bomb.skops", zipped.toByteArray()))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("bomb.skops inflates to more than");
    for (String name : List.of("../schema.json", "/etc/passwd", "a/../../b", "c:\\x")) {
      assertThatThrownBy(() -> SkopsReader.read("climb.skops", zip(Map.of(name, bytes("{}")))))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining("climb.skops has an entry named '" + name + "'");
    }
    ByteArrayOutputStream deflated = new ByteArrayOutputStream();
    try (DeflaterOutputStream out = new DeflaterOutputStream(deflated)) {
      for (int i = 0; i < 200; i++) {
        out.write(zeros);
      }
    }
    assertThatThrownBy(() -> PickleReader.read("bomb.joblib", deflated.toByteArray()))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("bomb.joblib inflates to more than");
  }

  @Test
  void estimatorsThatHoldEachOtherAreRefused() {
    // A Pipeline whose only step is itself.
    String pipeline =
        "csklearn.pipeline\nPipeline\n)\u0081q\u0001}(U\u0005steps](U\u0001ah\u0001\u0086e"
            + "U\u0010_sklearn_versionU\u00051.6.1ub.";
    assertThatThrownBy(
            () -> translator.translate(PickleReader.read("m", bytes(pipeline)), "pickle"))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("Pipeline holds parts that hold each other");
  }

  private void tell(String what, int files) {
    System.out.printf(
        "%,d damaged %s made of %,d: %,d refused, %,d read%n",
        refused + read, what, files, refused, read);
  }

  // A correct read, or a clear refusal

  private void attempt(String name, byte[] file, boolean skops, boolean score) {
    try {
      Object tree = skops ? SkopsReader.read(name, file) : PickleReader.read(name, file);
      Model model = translator.translate(tree, "fuzz");
      read++;
      if (score) {
        score(model);
      }
    } catch (ScorebatchException e) {
      refused++;
      assertThat(e.getMessage())
          .as(name)
          .startsWith("SB-")
          .contains(" Fix: ")
          .hasSizeLessThan(4_000);
    } catch (RejectedValueException e) {
      // The row is refused, not the file.
    } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
      throw new AssertionError(name + " broke the reader", e);
    }
  }

  private void score(Model model) {
    int columns = model.inputs().size();
    ColumnBlock block = new Row(columns);
    try (Scorer scorer = scorers.create(model, List.of(model.outputKinds().iterator().next()))) {
      scorer.score(block, new Answers(scorer.outputs().size()));
    }
  }

  private record Row(int columns) implements ColumnBlock {
    @Override
    public int rows() {
      return 1;
    }

    @Override
    public double[] numbers(int column) {
      return new double[] {column * 0.25};
    }

    @Override
    public @Nullable String[] texts(int column) {
      return new String[] {"cost rose"};
    }
  }

  private record Answers(int columns) implements ScoreBlock {
    @Override
    public double[] numbers(int column) {
      return new double[1];
    }

    @Override
    public @Nullable String[] texts(int column) {
      return new String[1];
    }
  }

  // Files

  private static List<byte[]> files(java.util.function.Predicate<String> wanted)
      throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> paths = Files.walk(Fixtures.fixture("."))) {
      for (Path path : paths.filter(Files::isRegularFile).sorted().toList()) {
        if (wanted.test(path.getFileName().toString()) && Files.size(path) <= SMALL) {
          files.add(Files.readAllBytes(path));
        }
      }
    }
    return files;
  }

  private static Map<String, byte[]> withOneDamaged(
      Map<String, byte[]> entries, List<byte[]> parts, Mutator mutator) {
    Map<String, byte[]> damaged = new LinkedHashMap<>(entries);
    List<String> names = new ArrayList<>(entries.keySet());
    Collections.sort(names);
    // The schema is one entry of many and the most telling one.
    String name = mutator.below(2) == 0 ? "schema.json" : names.get(mutator.below(names.size()));
    byte[] content = damaged.get(name);
    if (content != null && content.length > 0) {
      damaged.put(name, mutator.mutate(content, parts));
    }
    return damaged;
  }

  private static Map<String, byte[]> unzip(byte[] file) throws IOException {
    Map<String, byte[]> entries = new LinkedHashMap<>();
    try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(file))) {
      for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        entries.put(entry.getName(), in.readAllBytes());
      }
    }
    return entries;
  }

  private static byte[] zip(Map<String, byte[]> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
        ZipEntry described = new ZipEntry(entry.getKey());
        described.setMethod(ZipEntry.STORED);
        described.setSize(entry.getValue().length);
        CRC32 sum = new CRC32();
        sum.update(entry.getValue());
        described.setCrc(sum.getValue());
        out.putNextEntry(described);
        out.write(entry.getValue());
        out.closeEntry();
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  private static byte[] npySchema() {
    return bytes(
        "{\"__class__\":\"ndarray\",\"__module__\":\"numpy\",\"__loader__\":\"NdArrayNode\","
            + "\"type\":\"numpy\",\"file\":\"1.npy\",\"protocol\":2}");
  }

  private static byte[] bytes(String latin1) {
    return latin1.getBytes(StandardCharsets.ISO_8859_1);
  }
}
