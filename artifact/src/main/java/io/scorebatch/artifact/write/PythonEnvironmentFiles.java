package io.scorebatch.artifact.write;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.artifact.yaml.YamlBlock;
import io.scorebatch.artifact.yaml.YamlFile;
import io.scorebatch.artifact.yaml.YamlValue;
import io.scorebatch.artifact.yaml.YamlValue.Fields;
import io.scorebatch.artifact.yaml.YamlValue.Items;
import io.scorebatch.artifact.yaml.YamlValue.Scalar;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The three files that say which Python packages a model needs. */
final class PythonEnvironmentFiles {
  static final String CONDA = "conda.yaml";
  static final String VIRTUALENV = "python_env.yaml";
  static final String REQUIREMENTS = "requirements.txt";

  /** Where a plain file does not say which Python wrote it. */
  static final String PYTHON_VERSION = "3.11";

  private PythonEnvironmentFiles() {}

  /** Writes the files of a model that needs these packages and no more. */
  static void create(Path folder, List<String> requirements) throws IOException {
    List<YamlValue> dependencies = new ArrayList<>();
    dependencies.add(YamlBlock.text("python=" + PYTHON_VERSION));
    dependencies.add(YamlBlock.text("pip"));
    dependencies.add(pip(requirements));
    Map<String, YamlValue> conda = new LinkedHashMap<>();
    conda.put("channels", YamlBlock.texts(List.of("conda-forge")));
    conda.put("dependencies", new Items(dependencies, 0));
    conda.put("name", YamlBlock.text("mlflow-env"));
    Files.writeString(folder.resolve(CONDA), YamlBlock.write(YamlBlock.fields(conda)));
    Map<String, YamlValue> virtualenv = new LinkedHashMap<>();
    virtualenv.put("python", YamlBlock.text(PYTHON_VERSION));
    virtualenv.put("build_dependencies", YamlBlock.texts(List.of("pip")));
    virtualenv.put("dependencies", YamlBlock.texts(List.of("-r " + REQUIREMENTS)));
    Files.writeString(folder.resolve(VIRTUALENV), YamlBlock.write(YamlBlock.fields(virtualenv)));
    Files.writeString(folder.resolve(REQUIREMENTS), String.join("\n", requirements) + "\n");
  }

  /**
   * Copies the files of a model to another folder and adds packages to them; a file that is not
   * there is left out.
   */
  static void extend(Path from, Path to, List<String> added) throws IOException {
    Path requirements = from.resolve(REQUIREMENTS);
    if (Files.isRegularFile(requirements)) {
      List<String> lines = new ArrayList<>(Files.readAllLines(requirements));
      added.stream().filter(line -> !lines.contains(line)).forEach(lines::add);
      Files.writeString(to.resolve(REQUIREMENTS), String.join("\n", lines) + "\n");
    } else {
      Files.writeString(to.resolve(REQUIREMENTS), String.join("\n", added) + "\n");
    }
    if (Files.isRegularFile(from.resolve(VIRTUALENV))) {
      Files.copy(from.resolve(VIRTUALENV), to.resolve(VIRTUALENV));
    }
    Path conda = from.resolve(CONDA);
    if (Files.isRegularFile(conda)) {
      Fields read =
          YamlFile.read(Files.readString(conda), conda.toString(), ErrorCode.MODEL_UNREADABLE);
      Files.writeString(to.resolve(CONDA), YamlBlock.write(withPackages(read, added)));
    }
  }

  private static Fields withPackages(Fields conda, List<String> added) {
    List<YamlValue> dependencies = new ArrayList<>();
    boolean placed = false;
    if (conda.find("dependencies").orElse(null) instanceof Items items) {
      for (YamlValue dependency : items.values()) {
        if (dependency instanceof Fields fields
            && fields.find("pip").orElse(null) instanceof Items packages) {
          List<String> lines = new ArrayList<>();
          for (YamlValue line : packages.values()) {
            if (line instanceof Scalar scalar) {
              lines.add(scalar.text());
            }
          }
          added.stream().filter(line -> !lines.contains(line)).forEach(lines::add);
          dependencies.add(pip(lines));
          placed = true;
        } else {
          dependencies.add(dependency);
        }
      }
    }
    if (!placed) {
      dependencies.add(pip(added));
    }
    Map<String, YamlValue> all = new LinkedHashMap<>(conda.values());
    all.put("dependencies", new Items(dependencies, 0));
    return YamlBlock.fields(all);
  }

  private static Fields pip(List<String> requirements) {
    return YamlBlock.fields(Map.of("pip", YamlBlock.texts(requirements)));
  }
}
