package io.scorebatch.model.python;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelOrigin;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.Signature;
import io.scorebatch.api.model.Task;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.testing.Fixtures;
import io.scorebatch.testing.PythonEnvironment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Models that mlflow saved, and rows for them. */
final class PythonModels {
  static final List<Signature.Field> TWO = columns("double a", "double b");
  static final List<Signature.Field> NUMBER = List.of(field(null, "double"));

  private final PythonEnvironment python;
  private final Path folder;

  private PythonModels(PythonEnvironment python, Path folder) {
    this.python = python;
    this.folder = folder;
  }

  static PythonModels write(Path folder, Class<?> test) throws IOException {
    Path scripts = Fixtures.root().resolve("model-python/src/test/python");
    PythonEnvironment python = PythonEnvironment.require(scripts.resolve("requirements.txt"), test);
    Files.createDirectories(folder);
    python.run(scripts.resolve("write_models.py"), folder.toString());
    return new PythonModels(python, folder);
  }

  PythonSettings settings() {
    return PythonSettings.allow(python.python().toString());
  }

  Path path(String name) {
    return folder.resolve(name);
  }

  Model complete(String name, List<Signature.Field> inputs, List<Signature.Field> outputs) {
    return complete(path(name), inputs, outputs);
  }

  static Model complete(Path folder, List<Signature.Field> inputs, List<Signature.Field> outputs) {
    Model known =
        new Model(
            new ModelOrigin("python", "unknown", "mlflow.pyfunc.model", "mlflow"),
            Task.UNKNOWN,
            List.of(),
            false,
            Optional.empty(),
            Set.of(),
            new ForeignModel("python", folder, Map.of()));
    Signature signature = new Signature(inputs, outputs, List.of());
    return new PythonModelReader()
        .complete(
            known,
            new LoggedModel(
                folder,
                "mlflow.pyfunc.model",
                null,
                Map.of(),
                Optional.of(signature),
                null,
                null,
                null));
  }

  /** Columns of a signature, each {@code "type name"}. */
  static List<Signature.Field> columns(String... typesAndNames) {
    return Arrays.stream(typesAndNames)
        .map(text -> text.split(" "))
        .map(parts -> field(parts[1], parts[0]))
        .toList();
  }

  static Signature.Field field(@Nullable String name, String type) {
    Optional<ColumnType> found =
        type.equals("datetime")
            ? Optional.of(ColumnType.Primitive.TIMESTAMP)
            : ColumnType.parse(type);
    return new Signature.Field(name, found, type, true, null);
  }

  static Signature.Field tensor(String type, Long... shape) {
    return new Signature.Field(null, ColumnType.parse(type), type, true, List.of(shape));
  }

  static Scores score(Scorer scorer, Block block) {
    Scores scores = new Scores(scorer.outputs().size(), block.rows());
    scorer.score(block, scores);
    return scores;
  }

  /** Columns in memory: double[] or String[]. */
  record Block(int rows, List<Object> values) implements ColumnBlock {
    /** Two columns: the row's number from {@code first}, and the same value everywhere. */
    static Block counting(int first, int rows, double second) {
      double[] a = new double[rows];
      double[] b = new double[rows];
      for (int r = 0; r < rows; r++) {
        a[r] = first + r;
        b[r] = second;
      }
      return of(a, b);
    }

    static Block of(Object... columns) {
      int rows =
          columns[0] instanceof double[] numbers ? numbers.length : ((String[]) columns[0]).length;
      return new Block(rows, new ArrayList<>(Arrays.asList(columns)));
    }

    @Override
    public int columns() {
      return values.size();
    }

    @Override
    public double[] numbers(int column) {
      return (double[]) values.get(column);
    }

    @Override
    public @Nullable String[] texts(int column) {
      return (String[]) values.get(column);
    }
  }

  /** Scores in memory. */
  static final class Scores implements ScoreBlock {
    private final double[][] numbers;
    private final @Nullable String[][] texts;

    Scores(int columns, int rows) {
      numbers = new double[columns][rows];
      texts = new String[columns][rows];
    }

    @Override
    public double[] numbers(int column) {
      return numbers[column];
    }

    @Override
    public @Nullable String[] texts(int column) {
      return texts[column];
    }
  }
}
