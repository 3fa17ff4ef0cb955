package io.scorebatch.registry.mlflow;

import io.scorebatch.remote.Content;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A folder in a remote folder, as a remote folder of its own.
 *
 * @param path of it in the outer one
 */
record SubFolder(RemoteFolder outer, String path) implements RemoteFolder {
  @Override
  public String description() {
    return outer.description() + " folder " + path;
  }

  @Override
  public List<RemoteFile> list(String directory) {
    String prefix = path + "/";
    return outer.list(directory.isEmpty() ? path : prefix + directory).stream()
        .map(
            file ->
                new RemoteFile(
                    file.path().startsWith(prefix)
                        ? file.path().substring(prefix.length())
                        : file.path(),
                    file.directory(),
                    file.bytes()))
        .toList();
  }

  @Override
  public Content open(String file, long from, @Nullable String version) {
    return outer.open(path + "/" + file, from, version);
  }
}
