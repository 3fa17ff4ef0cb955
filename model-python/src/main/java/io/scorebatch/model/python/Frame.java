package io.scorebatch.model.python;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A message of a worker: a letter, the length of its content in four little-endian bytes, the
 * content. Those to a worker have no letter. Immutable; the content is not copied.
 */
record Frame(char kind, byte[] content) {
  static final char READY = 'R';
  static final char DATA = 'D';
  static final char VALUE = 'V';
  static final char ERROR = 'E';

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int LARGEST = 1 << 30;

  static void write(OutputStream out, byte[] content) throws IOException {
    int length = content.length;
    out.write(
        new byte[] {
          (byte) length, (byte) (length >>> 8), (byte) (length >>> 16), (byte) (length >>> 24)
        });
    out.write(content);
    out.flush();
  }

  static Frame read(InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    int kind = data.read();
    if (kind < 0) {
      throw new EOFException("it closed its output");
    }
    int length = Integer.reverseBytes(data.readInt());
    if (length < 0 || length > LARGEST) {
      throw new IOException("it announced an answer of " + length + " bytes");
    }
    byte[] content = data.readNBytes(length);
    if (content.length < length) {
      throw new EOFException("it closed its output inside an answer");
    }
    return new Frame((char) kind, content);
  }

  JsonNode json() {
    try {
      return JSON.readTree(content);
    } catch (IOException e) {
      throw new IllegalStateException("a worker's message is no JSON", e);
    }
  }

  PythonFailure failure() {
    return PythonFailure.of(json());
  }
}
