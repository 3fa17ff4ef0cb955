package io.scorebatch.table.delta;

import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * The files of a log whose every version is there as JSON, with its checkpoints out of sight: a
 * short log is read faster so than by starting DuckDB for its checkpoint. Thread-safe.
 */
final class JsonLog extends LocalFiles {
  @Override
  public CloseableIterator<FileStatus> listFrom(String filePath) throws IOException {
    List<FileStatus> shown = new ArrayList<>();
    try (CloseableIterator<FileStatus> all = super.listFrom(filePath)) {
      while (all.hasNext()) {
        FileStatus file = all.next();
        if (!isOfCheckpoint(file.getPath())) {
          shown.add(file);
        }
      }
    }
    return Utils.toCloseableIterator(shown.iterator());
  }

  @Override
  public InputFile newInputFile(String file, long size) {
    return isOfCheckpoint(file) ? new Hidden(file) : super.newInputFile(file, size);
  }

  private static boolean isOfCheckpoint(String file) {
    String name = file.substring(file.lastIndexOf('/') + 1);
    return name.equals("_last_checkpoint") || name.contains(".checkpoint.");
  }

  private record Hidden(String path) implements InputFile {
    @Override
    public long length() throws IOException {
      throw new FileNotFoundException(path);
    }

    @Override
    public SeekableInputStream newStream() throws IOException {
      throw new FileNotFoundException(path);
    }
  }
}
