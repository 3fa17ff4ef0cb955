package io.scorebatch.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Scorer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OnnxFileReaderTest {
  private static final Path PATH = Path.of("model.onnx");

  @Test
  void readsWhatAFileSaysOfItself() {
    OnnxFile file =
        OnnxFileReader.read(OnnxCase.named("forest-strings-zipmap").folder().resolve("model.onnx"));
    assertThat(file.producer()).isEqualTo("skl2onnx 1.20.0");
    assertThat(file.opsets()).containsEntry("ai.onnx.ml", 1L);
    assertThat(file.inputs()).hasToString("['X' of type tensor of float and shape [-1, 5]]");
    assertThat(file.outputs())
        .extracting(GraphValue::typeText)
        .containsExactly("tensor of string", "sequence of maps");
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    for (String name : List.of("forest-strings-columns", "mlp-strings", "linear-regression")) {
      byte[] whole = Files.readAllBytes(OnnxCase.named(name).folder().resolve("model.onnx"));
      for (int length = 0; length < whole.length; length++) {
        readOrRefuse(Arrays.copyOf(whole, length));
      }
    }
  }

  @Test
  void readsOrRefusesWhateverIsMutated() {
    SplittableRandom random = new SplittableRandom(7);
    List<byte[]> wholes =
        OnnxCase.all()
            .map(
                c -> {
                  try {
                    return Files.readAllBytes(c.folder().resolve("model.onnx"));
                  } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                })
            .filter(bytes -> bytes.length < 20_000)
            .toList();
    for (int i = 0; i < 20_000; i++) {
      byte[] mutant = wholes.get(i % wholes.size()).clone();
      for (int n = random.nextInt(1, 6); n > 0; n--) {
        mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
      }
      readOrRefuse(mutant);
    }
  }

  private static void readOrRefuse(byte[] bytes) {
    try {
      OnnxFile file = OnnxFileReader.parse(PATH, ByteBuffer.wrap(bytes));
      file.requireLoadable();
      OnnxInputs.of(file, List.of());
      OnnxAnswers.of(file);
    } catch (ScorebatchException e) {
      assertThat(e.problem().code()).isIn(ErrorCode.MODEL_UNREADABLE, ErrorCode.MODEL_UNSUPPORTED);
    }
  }

  @Test
  void namesWhatIsDamaged() {
    assertThatThrownBy(
            () -> OnnxFileReader.parse(PATH, ByteBuffer.wrap(new byte[] {8, 8, 58, 100})))
        .hasMessageContaining(
            "'model.onnx' is no readable ONNX file: field 7 is 100 bytes long, 0 are left.");
    assertThatThrownBy(() -> OnnxFileReader.parse(PATH, ByteBuffer.wrap(new byte[0])))
        .hasMessageContaining("it holds no graph with outputs");
  }

  @Test
  void refusesOperatorsOfOtherLibraries() {
    OnnxFile file =
        new OnnxFile(
            PATH,
            8,
            "",
            java.util.Map.of(),
            List.of("ai.onnx", "my.operators"),
            List.of(),
            List.of(),
            java.util.Map.of(),
            java.util.Map.of());
    assertThatThrownBy(file::requireLoadable)
        .hasMessageContaining("'model.onnx' uses operators of 'my.operators'.");
  }

  @Test
  void refusesTreesOfAbsurdlyManyTargets() throws IOException {
    byte[] name = field(1, "n_targets");
    byte[] count = {3 << 3, (byte) 0xFF, (byte) 0xFF, (byte) 0xFF, 0x7F};
    byte[] node = join(field(4, "TreeEnsembleRegressor"), field(5, join(name, count)));
    assertThatThrownBy(() -> OnnxFileReader.parse(PATH, withGraphPart(field(1, node))))
        .hasMessageContaining("its trees have 268435455 targets");
  }

  @Test
  void refusesConstantsOutsideTheFolder() throws IOException {
    for (String place : List.of("../secret", "/etc/passwd", "a/../../b", "c:\\x")) {
      byte[] entry = field(13, join(field(1, "location"), field(2, place)));
      byte[] constant = field(5, join(field(8, "w"), entry));
      assertThatThrownBy(() -> OnnxFileReader.parse(PATH, withGraphPart(constant)))
          .hasMessageContaining("a constant lies in '" + place + "', outside the model's folder");
    }
    byte[] beside = field(13, join(field(1, "location"), field(2, "model.onnx.data")));
    OnnxFileReader.parse(PATH, withGraphPart(field(5, join(field(8, "w"), beside))));
  }

  /** Children out of range, a node that is its own child, one that leads back to the root. */
  @Test
  void refusesTreesThatAreNone(@TempDir Path folder) throws IOException {
    byte[] whole =
        Files.readAllBytes(OnnxCase.named("forest-regression").folder().resolve("model.onnx"));
    int at = indexOf(whole, "nodes_truenodeids") + "nodes_truenodeids".length();
    Path file = folder.resolve("model.onnx");
    int refused = 0;
    for (int node = 0; node < 6; node++) {
      for (int child : new int[] {0, node, 127}) {
        byte[] hostile = whole.clone();
        assertThat(hostile[at + 2 * node]).as("the tag of an integer").isEqualTo((byte) 0x40);
        boolean leaf = hostile[at + 2 * node + 1] == 0;
        hostile[at + 2 * node + 1] = (byte) child;
        Files.write(file, hostile);
        Model model = new OnnxModelReader().complete(OnnxCase.known(file), OnnxCase.logged());
        try (Scorer scorer = new OnnxScorerFactory().create(model, List.of(OutputKind.PREDICT))) {
          assertThat(leaf || child == whole[at + 2 * node + 1]).isTrue();
          OnnxCase.score(scorer, OnnxCase.named("forest-regression").input());
        } catch (ScorebatchException e) {
          assertThat(e).hasMessageContaining("model.onnx");
          refused++;
        }
      }
    }
    assertThat(refused).isGreaterThan(6);
  }

  /** What the reader accepts is loaded and run: the runtime refuses it, or answers. */
  @Test
  void letsTheRuntimeSurviveWhatItAccepts(@TempDir Path folder) throws IOException {
    SplittableRandom random = new SplittableRandom(11);
    Path file = folder.resolve("model.onnx");
    int scored = 0;
    for (OnnxCase fixture : OnnxCase.all().filter(c -> !c.kinds().isEmpty()).toList()) {
      byte[] whole = Files.readAllBytes(fixture.folder().resolve("model.onnx"));
      for (int i = 0; i < 100 && whole.length < 20_000; i++) {
        byte[] mutant = whole.clone();
        for (int n = random.nextInt(1, 4); n > 0; n--) {
          mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
        }
        Files.write(file, mutant);
        try {
          Model model = new OnnxModelReader().complete(OnnxCase.known(file), OnnxCase.logged());
          OutputKind kind = model.outputKinds().iterator().next();
          try (Scorer scorer = new OnnxScorerFactory().create(model, List.of(kind))) {
            if (scorer.inputs().equals(fixture.complete().inputs())) {
              OnnxCase.score(scorer, fixture.input());
              scored++;
            }
          }
        } catch (ScorebatchException | RejectedValueException e) {
          assertThat(e).hasMessageNotContaining(" null");
        }
      }
    }
    assertThat(scored).isPositive();
  }

  /** Messages of one field merge, so what stands behind a file adds to its graph. */
  private static ByteBuffer withGraphPart(byte[] part) throws IOException {
    byte[] whole =
        Files.readAllBytes(OnnxCase.named("linear-regression").folder().resolve("model.onnx"));
    return ByteBuffer.wrap(join(whole, field(7, part)));
  }

  private static byte[] field(int number, String text) {
    return field(number, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] field(int number, byte[] content) {
    return join(new byte[] {(byte) (number << 3 | 2), (byte) content.length}, content);
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static int indexOf(byte[] bytes, String text) {
    return new String(bytes, StandardCharsets.ISO_8859_1).indexOf(text);
  }
}
