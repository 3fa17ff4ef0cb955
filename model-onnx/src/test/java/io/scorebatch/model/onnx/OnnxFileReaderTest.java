package io.scorebatch.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

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
}
