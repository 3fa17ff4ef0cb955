package io.scorebatch.remote;

import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a file elsewhere, as they come. One reader, who closes it.
 *
 * @param from where the stream starts: as asked for, or 0 where the server cannot resume
 * @param version changes with the content; null where the server does not tell
 */
public record Content(InputStream stream, long from, @Nullable String version)
    implements AutoCloseable {
  @Override
  public void close() {
    try {
      stream.close();
    } catch (IOException e) {
      // What was read is checked by its size; nothing depends on the end of the connection.
    }
  }
}
