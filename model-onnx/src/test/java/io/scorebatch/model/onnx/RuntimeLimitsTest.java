package io.scorebatch.model.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Holds our numbers to what the runtime does. */
class RuntimeLimitsTest {
  @Test
  void isTheVersionOnTheClassPath() {
    assertThat(OrtEnvironment.getEnvironment().getVersion()).isEqualTo(RuntimeLimits.VERSION);
  }

  @Test
  void loadsTheLargestOpsetOfEachDomainAndNoLarger() {
    RuntimeLimits.LARGEST_OPSETS.forEach(
        (domain, largest) -> {
          assertThatCode(() -> load(RuntimeLimits.LARGEST_IR_VERSION, domain, largest))
              .as(domain)
              .doesNotThrowAnyException();
          assertThatThrownBy(() -> load(RuntimeLimits.LARGEST_IR_VERSION, domain, largest + 1))
              .as(domain)
              .hasMessageContaining("is under development");
        });
  }

  @Test
  void loadsTheLargestIrVersionAndNoLarger() {
    assertThatThrownBy(() -> load(RuntimeLimits.LARGEST_IR_VERSION + 1, "ai.onnx", 18))
        .hasMessageContaining("max supported IR version: " + RuntimeLimits.LARGEST_IR_VERSION);
  }

  /** A graph that answers what it reads. */
  private static void load(long irVersion, String domain, long opset) throws OrtException {
    byte[] value = message(text(1, "x"), field(2, message(field(1, message(number(1, 1))))));
    byte[] made = message(text(1, "y"), field(2, message(field(1, message(number(1, 1))))));
    byte[] node = message(text(1, "x"), text(2, "y"), text(4, "Identity"));
    byte[] graph = message(field(1, node), text(2, "g"), field(11, value), field(12, made));
    byte[] main = message(text(1, ""), number(2, domain.equals("ai.onnx") ? opset : 18));
    byte[] other = message(text(1, domain), number(2, opset));
    byte[] model =
        domain.equals("ai.onnx")
            ? message(number(1, irVersion), field(7, graph), field(8, main))
            : message(number(1, irVersion), field(7, graph), field(8, main), field(8, other));
    OrtEnvironment.getEnvironment().createSession(model).close();
  }

  private static byte[] message(byte[]... fields) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] field : fields) {
      out.writeBytes(field);
    }
    return out.toByteArray();
  }

  private static byte[] number(int field, long value) {
    return new byte[] {(byte) (field << 3), (byte) value};
  }

  private static byte[] text(int field, String text) {
    return field(field, text.getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] field(int field, byte[] content) {
    return message(new byte[] {(byte) (field << 3 | 2), (byte) content.length}, content);
  }
}
