package io.scorebatch.artifact.skops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyDict;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PySequence;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SkopsReaderTest {
  @Test
  void readsValuesOfPython() {
    PySequence list =
        (PySequence)
            read(
                """
                {"__class__":"list","__module__":"builtins","__loader__":"ListNode","protocol":2,"content":[
                  {"__loader__":"JsonNode","__class__":"str","__module__":"builtins","content":"null"},
                  {"__loader__":"JsonNode","__class__":"str","__module__":"builtins","content":"NaN"},
                  {"__loader__":"JsonNode","__class__":"str","__module__":"builtins","content":"7"},
                  {"__loader__":"JsonNode","__class__":"str","__module__":"builtins","content":"\\"text\\""},
                  {"__loader__":"JsonNode","__class__":"str","__module__":"builtins","content":"true"}]}
                """);
    assertThat(list.items()).containsExactly(PyNone.NONE, Double.NaN, 7L, "text", true);
  }

  @Test
  void givesKeysTheirTypesBack() {
    PyDict dict =
        (PyDict)
            read(
                """
                {"__class__":"dict","__module__":"builtins","__loader__":"DictNode","protocol":2,
                 "key_types":{"__loader__":"ListNode","content":[
                   {"__class__":"int","__module__":"builtins","__loader__":"TypeNode"},
                   {"__class__":"str","__module__":"builtins","__loader__":"TypeNode"}]},
                 "content":{
                   "3":{"__loader__":"JsonNode","content":"1"},
                   "b":{"__loader__":"JsonNode","content":"2"}}}
                """);
    assertThat(dict.entries()).containsExactly(Map.entry(3L, 1L), Map.entry("b", 2L));
  }

  @Test
  void readsArraysInEitherOrderOfBytesAndIndices() {
    NdArray array =
        (NdArray)
            SkopsReader.read(
                "m.skops",
                zip(
                    Map.of(
                        "schema.json",
                        "{\"__class__\":\"ndarray\",\"__module__\":\"numpy\",\"__loader__\":\"NdArrayNode\",\"type\":\"numpy\",\"file\":\"1.npy\",\"protocol\":2}",
                        "1.npy",
                        npy("{'descr': '>i2', 'fortran_order': True, 'shape': (2, 2), }")
                            + "\0\1\0\2\0\3\0\4")));
    assertThat(array.longs()).containsExactly(1, 3, 2, 4);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"os.system", "builtins.eval", "subprocess.Popen", "operator.methodcaller"})
  void refusesFunctionsByName(String name) {
    int dot = name.lastIndexOf('.');
    String schema =
        "{\"__class__\":\"%s\",\"__module__\":\"%s\",\"__loader__\":\"FunctionNode\",\"protocol\":2}"
            .formatted(name.substring(dot + 1), name.substring(0, dot));
    assertThatThrownBy(() -> read(schema))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_REFUSED))
        .hasMessageContaining("m.skops names " + name + ".");
  }

  @Test
  void refusesMethodsAndOperators() {
    assertThatThrownBy(
            () ->
                read(
                    "{\"__class__\":\"methodcaller\",\"__module__\":\"operator\",\"__loader__\":\"OperatorFuncNode\",\"protocol\":2}"))
        .hasMessageContaining("m.skops names operator.methodcaller.");
  }

  @Test
  void saysWhichProtocolsItKnows() {
    assertThatThrownBy(() -> read("{\"protocol\":3}"))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("skops protocol 3, known are 1 and 2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "{",
        "[]",
        "{\"protocol\":2}",
        "{\"protocol\":2,\"__loader__\":\"CachedNode\",\"__id__\":7}",
        "{\"protocol\":2,\"__loader__\":\"BytesNode\",\"file\":\"absent.bin\"}"
      })
  void reportsDamagedSchemas(String schema) {
    assertThatThrownBy(() -> read(schema))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageStartingWith("SB-030");
  }

  private static Object read(String schema) {
    return SkopsReader.read("m.skops", zip(Map.of("schema.json", schema)));
  }

  private static String npy(String header) {
    return "\u0093NUMPY\1\0" + (char) header.length() + "\0" + header;
  }

  private static byte[] zip(Map<String, String> entries) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, String> entry : entries.entrySet()) {
        out.putNextEntry(new ZipEntry(entry.getKey()));
        out.write(entry.getValue().getBytes(StandardCharsets.ISO_8859_1));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
