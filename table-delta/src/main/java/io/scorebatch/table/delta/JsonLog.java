package io.scorebatch.table.delta;

import io.delta.kernel.defaults.engine.fileio.FileIO;
import io.delta.kernel.defaults.engine.fileio.InputFile;
import io.delta.kernel.defaults.engine.fileio.OutputFile;
import io.delta.kernel.defaults.engine.fileio.SeekableInputStream;
import io.delta.kernel.internal.util.Utils;
import io.delta.kernel.utils.CloseableIterator;
import io.delta.kernel.utils.FileStatus;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The files of a log whose every version is there as JSON, with its checkpoints out of sight: a
 * short log is read faster so than by starting DuckDB for its checkpoint. Thread-safe.
 */
record JsonLog(FileIO all) implements FileIO {
  @Override
  public CloseableIterator<FileStatus> listFrom(String filePath) throws IOException {
    List<FileStatus> shown = new ArrayList<>();
    try (CloseableIterator<FileStatus> listed = all.listFrom(filePath)) {
      while (listed.hasNext()) {
        FileStatus file = listed.next();
        if (!isOfCheckpoint(file.getPath())) {
          shown.add(file);
        }
      }
    }
    return Utils.toCloseableIterator(shown.iterator());
  }

  @Override
  public InputFile newInputFile(String file, long size) {
    return isOfCheckpoint(file) ? new Hidden(file) : all.newInputFile(file, size);
  }

  @Override
  public FileStatus getFileStatus(String file) throws IOException {
    return all.getFileStatus(file);
  }

  @Override
  public String resolvePath(String file) throws IOException {
    return all.resolvePath(file);
  }

  @Override
  public boolean mkdirs(String folder) throws IOException {
    return all.mkdirs(folder);
  }

  @Override
  public OutputFile newOutputFile(String file) {
    return all.newOutputFile(file);
  }

  @Override
  public boolean delete(String file) throws IOException {
    return all.delete(file);
  }

  @Override
  public Optional<String> getConf(String key) {
    return all.getConf(key);
  }

  @Override
  public void copyFileAtomically(String from, String to, boolean overwrite) throws IOException {
    all.copyFileAtomically(from, to, overwrite);
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
