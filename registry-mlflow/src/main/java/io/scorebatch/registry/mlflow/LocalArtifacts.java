package io.scorebatch.registry.mlflow;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Files of models on this machine's disks. A store keeps the absolute paths of the machine that
 * trained; where such a path does not exist, its end is looked for below the store's own folder, so
 * that a store may be copied or moved as a whole. Immutable.
 */
final class LocalArtifacts implements ArtifactSource {
  // The end of a path says which model it is about only where it holds the id of a run or a model.
  private static final Pattern ID = Pattern.compile("(m-)?[0-9a-f]{32}");
  private static final int FEWEST_PARTS_WITHOUT_ID = 2;

  private final List<Path> storeFolders;

  /**
   * @param storeFolders where the store itself lies, the likeliest first
   */
  LocalArtifacts(List<Path> storeFolders) {
    this.storeFolders = List.copyOf(storeFolders);
  }

  @Override
  public boolean handles(ArtifactLocation location) {
    String scheme = location.scheme();
    return scheme.isEmpty()
        || scheme.equals("file")
        || (scheme.equals("mlflow-artifacts") && !storeFolders.isEmpty());
  }

  @Override
  public Optional<Place> find(ArtifactLocation location, Pinned pinned, List<String> tried) {
    boolean served = location.scheme().equals("mlflow-artifacts");
    String text = location.pathText();
    Set<Path> places = new LinkedHashSet<>();
    try {
      Path stored = Path.of(text).normalize();
      if (!served && stored.isAbsolute()) {
        places.add(stored);
      }
      places.addAll(movedPlaces(text, served));
    } catch (InvalidPathException e) {
      tried.add(location + " (no path on this system)");
      return Optional.empty();
    }
    boolean first = true;
    for (Path place : places) {
      Optional<Path> folder = ModelFolder.at(place);
      if (folder.isPresent()) {
        String moved = first && !served ? "" : " (moved to " + folder.get() + ")";
        return Optional.of(new Place(folder.get(), location + moved));
      }
      // Of the guesses only those that exist tell a reader something.
      if (first || Files.exists(place)) {
        tried.add(ModelFolder.instead(place));
      }
      first = false;
    }
    if (!storeFolders.isEmpty()) {
      tried.add("the end of that path below " + RegistryErrors.listed(shown()));
    }
    return Optional.empty();
  }

  private List<String> shown() {
    return storeFolders.stream().map(Path::toString).toList();
  }

  private List<Path> movedPlaces(String text, boolean served) {
    List<String> parts = new ArrayList<>();
    for (String part : text.replace('\\', '/').split("/")) {
      if (part.equals("..")) {
        // A path that climbs is taken as it is or not at all.
        return List.of();
      }
      if (!part.isEmpty() && !part.equals(".")) {
        parts.add(part);
      }
    }
    List<Path> places = new ArrayList<>();
    for (Path folder : storeFolders) {
      if (served) {
        // What `mlflow server` keeps for its clients, by default below ./mlartifacts.
        String path = String.join("/", parts);
        places.add(folder.resolve("mlartifacts").resolve(path));
        places.add(folder.resolve("mlruns").resolve(path));
      }
      for (int from = 0; from < parts.size(); from++) {
        List<String> end = parts.subList(from, parts.size());
        boolean telling = end.stream().anyMatch(part -> ID.matcher(part).matches());
        if (telling || end.size() >= FEWEST_PARTS_WITHOUT_ID) {
          places.add(folder.resolve(String.join("/", end)));
        }
      }
    }
    return places;
  }
}
