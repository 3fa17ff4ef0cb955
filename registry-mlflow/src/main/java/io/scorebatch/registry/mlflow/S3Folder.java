package io.scorebatch.registry.mlflow;

import io.scorebatch.remote.Content;
import io.scorebatch.remote.ObjectStore;
import io.scorebatch.remote.S3Location;
import java.io.FileNotFoundException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A folder of a bucket. */
record S3Folder(ObjectStore store, S3Location folder) implements RemoteFolder {

  @Override
  public String description() {
    return folder.toString();
  }

  @Override
  public List<RemoteFile> list(String directory) {
    String prefix = directory.isEmpty() ? "" : directory + "/";
    S3Location listed = directory.isEmpty() ? folder : folder.child(directory);
    return store.list(listed).stream()
        .map(each -> new RemoteFile(prefix + each.name(), each.folder(), each.bytes()))
        .toList();
  }

  @Override
  public Content open(String file, long from, @Nullable String version) {
    try {
      return store.open(folder.child(file), from, version);
    } catch (FileNotFoundException e) {
      throw RegistryErrors.unreadable(
          "object store at " + folder,
          "It lists '" + file + "' and does not have it.",
          "try again: the model may have been deleted meanwhile.",
          e);
    }
  }
}
