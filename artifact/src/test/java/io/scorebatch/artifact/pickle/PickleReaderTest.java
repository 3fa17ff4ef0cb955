package io.scorebatch.artifact.pickle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.testing.Fixtures;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PickleReaderTest {
  private static final List<String> COMPRESSIONS_NOT_READ = List.of("bz2", "xz", "lzma");

  @TestFactory
  List<DynamicTest> readsWhatNumPyAndPythonWrote() throws IOException {
    List<DynamicTest> tests = new ArrayList<>();
    for (String version : List.of("numpy-1.26.4", "numpy-2.4.1")) {
      Path folder = Fixtures.fixture("pickles/" + version);
      JsonNode cases = new JsonMapper().readTree(folder.resolve("cases.json").toFile());
      for (JsonNode entry : cases.get("files")) {
        Path file = folder.resolve(entry.get("file").textValue());
        if (COMPRESSIONS_NOT_READ.stream()
            .noneMatch(c -> file.toString().contains("." + c + "."))) {
          tests.add(
              dynamicTest(
                  version + " " + entry.get("file").textValue(),
                  () -> assertSame(entry.get("expected"), read(file))));
        }
      }
    }
    assertThat(tests).hasSizeGreaterThan(300);
    return tests;
  }

  @ParameterizedTest
  @ValueSource(strings = {"bz2", "xz", "lzma"})
  void saysHowToSaveAgainWhatIsCompressedOtherwise(String compression) {
    assertThatThrownBy(
            () -> read(Fixtures.fixture("pickles/numpy-2.4.1/f8-c." + compression + ".joblib")))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("is compressed with " + compression.replace("bz2", "bzip2"))
        .hasMessageContaining("joblib.dump(joblib.load(path), path, compress=('zlib', 3))");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "os.system",
        "posix.system",
        "nt.system",
        "subprocess.Popen",
        "builtins.eval",
        "builtins.exec",
        "builtins.getattr",
        "__builtin__.eval",
        "importlib.import_module",
        "numpy.testing._private.utils.runstring",
        "numpy.load",
        "joblib.load",
        "sklearn.externals.joblib.load",
        "pickle.loads",
        "webbrowser.open",
        "cloudpickle.cloudpickle._make_function"
      })
  void refusesByNameWhateverIsNotListed(String name) {
    int dot = name.lastIndexOf('.');
    String module = name.substring(0, dot);
    String simple = name.substring(dot + 1);
    byte[] text = latin1("c" + module + "\n" + simple + "\n(S'id'\ntR.");
    byte[] stacked =
        latin1(
            "\u0080\u0004\u008c"
                + (char) module.length()
                + module
                + "\u008c"
                + (char) simple.length()
                + simple
                + "\u0093\u008c\u0002id\u0085R.");
    for (byte[] pickle : List.of(text, stacked)) {
      assertThatThrownBy(() -> PickleReader.read("model.pkl", pickle))
          .isInstanceOfSatisfying(
              ScorebatchException.class,
              e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_REFUSED))
          .hasMessageContaining("model.pkl names " + name + ".")
          .hasMessageContaining("python: allow");
    }
  }

  @Test
  void namesAllThatIsRefusedAtOnceThoughTheFileEndsEarly() {
    assertThatThrownBy(() -> PickleReader.read("m", latin1("cos\nsystem\n0cbuiltins\neval\n0")))
        .hasMessageContaining("m names os.system, builtins.eval.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Pid\n.",
        "NQ.",
        "\u0082\u0001.",
        "\u0083\u0001\u0001.",
        "(ios\nsystem\n.",
        "(No.",
        "\u0097."
      })
  void refusesOpcodesThatReachOutsideTheFile(String pickle) {
    assertThatThrownBy(() -> PickleReader.read("m", latin1(pickle)))
        .hasMessageContaining("uses the pickle opcode");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // nothing
        ".", // stop with an empty stack
        "K", // cut
        "X\u00ff\u00ff\u00ff\u007fabc.", // a text of 2 GB
        "B\u00ff\u00ff\u00ff\u00ffabc.", // bytes of 4 GB
        "\u008e\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff.", // bytes of 2^64
        "\u008b\u00ff\u00ff\u00ff\u007f.", // an integer of 2 GB
        "\u0080\u0006N.", // protocol 6
        "e.",
        "a.",
        "u.",
        "t.",
        "h\u0001.",
        "j\u00ff\u00ff\u00ff\u00ff.",
        "Nr\u00ff\u00ff\u00ff\u007f.",
        "}]Ns.", // a list as a key
        "NNR.", // a call of nothing
        "\u00aa."
      })
  void reportsDamagedFilesWithThePlace(String pickle) {
    assertThatThrownBy(() -> PickleReader.read("m.pkl", latin1(pickle)))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("m.pkl is not a readable pickle: ")
        .hasMessageContaining("at byte ");
  }

  @Test
  void refusesAFileThatInflatesBeyondReason() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 100; i++) {
        out.write(zeros);
      }
    }
    assertThatThrownBy(() -> PickleReader.read("bomb.joblib", bytes.toByteArray()))
        .hasMessageContaining("bomb.joblib inflates to more than");
  }

  @Test
  void keepsCyclesAndSharedParts() {
    // a list that holds itself twice
    PySequence list = (PySequence) PickleReader.read("m", latin1("]\u0094(h\u0000h\u0000e."));
    assertThat(list.item(0)).isSameAs(list).isSameAs(list.item(1));
    assertThat(list).hasToString("list of 2");
  }

  @Test
  void doesNotLetTupleKeysNestSoThatHashingStaysCheap() {
    assertThatThrownBy(() -> PickleReader.read("m", latin1("}))\u0086Ns.")))
        .hasMessageContaining("a dictionary key with tuple of 0 in it");
  }

  private static Object read(Path file) throws IOException {
    return PickleReader.read(file.getFileName().toString(), Files.readAllBytes(file));
  }

  private static byte[] latin1(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private static void assertSame(JsonNode expected, Object actual) {
    switch (expected.get("kind").textValue()) {
      case "ndarray":
        assertArray(expected, (NdArray) actual);
        break;
      case "scalar":
        assertValue(expected.get("value"), actual);
        break;
      case "dtype":
        assertThat(((PyDType) actual).type())
            .hasToString(expected.get("dtype").textValue().substring(1));
        break;
      case "dict":
      case "OrderedDict":
      case "defaultdict":
        {
          List<Map.Entry<Object, Object>> entries =
              new ArrayList<>(((PyDict) actual).entries().entrySet());
          assertThat(entries).hasSameSizeAs(expected.get("items"));
          for (int i = 0; i < entries.size(); i++) {
            JsonNode pair = expected.get("items").get(i);
            if (pair.get(0).get("kind").textValue().equals("tuple")) {
              assertThat(entries.get(i).getKey()).isInstanceOf(List.class);
            } else {
              assertSame(pair.get(0), entries.get(i).getKey());
            }
            assertSame(pair.get(1), entries.get(i).getValue());
          }
          break;
        }
      case "list":
      case "tuple":
      case "set":
      case "frozenset":
        {
          PySequence sequence = (PySequence) actual;
          assertThat(sequence.kind().name())
              .isEqualToIgnoringCase(expected.get("kind").textValue());
          assertThat(sequence.items()).hasSameSizeAs(expected.get("items"));
          for (int i = 0; i < sequence.size(); i++) {
            assertSame(expected.get("items").get(i), sequence.item(i));
          }
          break;
        }
      case "slice":
        assertThat(((PyObject) actual).className()).endsWith(".slice");
        for (int i = 0; i < 3; i++) {
          assertSame(expected.get("items").get(i), ((PyObject) actual).args().get(i));
        }
        break;
      case "NoneType":
        assertThat(actual).isEqualTo(PyNone.NONE);
        break;
      default:
        assertValue(expected.get("value"), actual);
    }
  }

  private static void assertArray(JsonNode expected, NdArray actual) {
    assertThat(actual.shape()).hasSameSizeAs(expected.get("shape"));
    for (int i = 0; i < actual.rank(); i++) {
      assertThat(actual.extent(i)).isEqualTo(expected.get("shape").get(i).intValue());
    }
    JsonNode values = expected.get("values");
    assertThat(actual.size()).isEqualTo(values.size());
    if (expected.get("dtype").isObject()) {
      int column = 0;
      for (JsonNode field : expected.get("dtype").get("fields")) {
        List<Object> found = actual.field(field.get("name").textValue()).values();
        for (int row = 0; row < values.size(); row++) {
          assertValue(values.get(row).get(column), found.get(row));
        }
        column++;
      }
      return;
    }
    boolean time = expected.get("dtype").textValue().contains("M8");
    for (int i = 0; i < values.size() && !time; i++) {
      assertValue(values.get(i), actual.values().get(i));
    }
  }

  private static void assertValue(JsonNode expected, Object actual) {
    if (actual instanceof Double number) {
      assertThat(number).isEqualTo(Double.valueOf(expected.asText()));
    } else {
      assertThat(text(actual)).isEqualTo(expected.asText());
    }
  }

  /** A value as the fixtures write it: bytes in hexadecimal. */
  private static String text(Object value) {
    if (value instanceof PyBytes bytes) {
      return HexFormat.of().formatHex(bytes.toArray());
    }
    if (value == PyNone.NONE) {
      return "null";
    }
    return String.valueOf(value);
  }
}
