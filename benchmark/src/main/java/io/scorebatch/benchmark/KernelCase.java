package io.scorebatch.benchmark;

import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.artifact.ArtifactReader;
import io.scorebatch.kernel.NativeScorerFactory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/**
 * A model, a matrix and what Python answered: what {@code models.py} wrote to a folder. One thread
 * at a time.
 *
 * <p>Rows are scored in blocks of 2048, as an engine hands them over.
 */
final class KernelCase {
  private static final int BLOCK = 2048;

  private final Scorer scorer;
  private final double[][][] blocks;
  private final double[] expected;
  private final double[][] scores;
  private final int trees;

  private KernelCase(Scorer scorer, double[][][] blocks, double[] expected, int trees) {
    this.scorer = scorer;
    this.blocks = blocks;
    this.expected = expected;
    this.scores = new double[scorer.outputs().size()][BLOCK];
    this.trees = trees;
  }

  /**
   * Reads {@code <folder>/<name>} and the folder's matrix.
   *
   * @throws IllegalStateException where the scores are not Python's, bit for bit: the speed of a
   *     wrong answer is no result
   */
  static KernelCase read(Path folder, String name) throws IOException {
    Path home = folder.resolve(name);
    if (!Files.isDirectory(home)) {
      throw new IOException(home + " is missing; benchmark/peers/models.py writes it");
    }
    Properties facts = new Properties();
    try (var in = Files.newBufferedReader(home.resolve("case.properties"))) {
      facts.load(in);
    }
    OutputKind kind = OutputKind.parse(facts.getProperty("kind")).orElseThrow();
    Model model = new ArtifactReader().read(home).model();
    Scorer scorer = new NativeScorerFactory().create(model, List.of(kind));
    double[] expected = numbers(home.resolve("expected.f64"));
    KernelCase read =
        new KernelCase(
            scorer,
            blocks(folder.resolve("matrix.f32"), scorer.inputs().size()),
            expected,
            Integer.parseInt(facts.getProperty("trees")));
    read.requireExact();
    return read;
  }

  private static double[] numbers(Path file) throws IOException {
    DoubleBuffer buffer =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asDoubleBuffer();
    double[] numbers = new double[buffer.remaining()];
    buffer.get(numbers);
    return numbers;
  }

  /** The matrix lies in the file column by column. */
  private static double[][][] blocks(Path file, int columns) throws IOException {
    FloatBuffer all =
        ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer();
    int rows = all.remaining() / columns;
    double[][][] blocks = new double[(rows + BLOCK - 1) / BLOCK][columns][];
    for (int b = 0; b < blocks.length; b++) {
      for (int c = 0; c < columns; c++) {
        double[] values = new double[Math.min(BLOCK, rows - b * BLOCK)];
        for (int r = 0; r < values.length; r++) {
          values[r] = all.get(c * rows + b * BLOCK + r);
        }
        blocks[b][c] = values;
      }
    }
    return blocks;
  }

  private void requireExact() {
    int width = scores.length;
    for (int b = 0; b < blocks.length; b++) {
      score(b);
      for (int r = 0; r < blocks[b][0].length; r++) {
        for (int k = 0; k < width; k++) {
          double python = expected[(b * BLOCK + r) * width + k];
          if (Double.compare(python, scores[k][r]) != 0) {
            throw new IllegalStateException(
                String.format(
                    Locale.ROOT,
                    "Row %d, output %d: %s, Python answered %s",
                    b * BLOCK + r,
                    k,
                    scores[k][r],
                    python));
          }
        }
      }
    }
  }

  int rows() {
    return expected.length / scores.length;
  }

  int trees() {
    return trees;
  }

  /** Scores every row; the last score, so that nothing is left out. */
  double score() {
    double last = 0;
    for (int b = 0; b < blocks.length; b++) {
      score(b);
      last += scores[0][0];
    }
    return last;
  }

  private void score(int block) {
    scorer.score(new Block(blocks[block]), new Scores(scores));
  }

  /** Reads every value and writes one score a row: what any scorer must do at least. */
  double doNothing() {
    double last = 0;
    double[] out = scores[0];
    for (double[][] block : blocks) {
      for (int r = 0; r < block[0].length; r++) {
        out[r] = 0;
      }
      for (double[] column : block) {
        for (int r = 0; r < column.length; r++) {
          out[r] += column[r];
        }
      }
      last += out[0];
    }
    return last;
  }

  private record Block(double[][] values) implements ColumnBlock {
    @Override
    public int rows() {
      return values[0].length;
    }

    @Override
    public int columns() {
      return values.length;
    }

    @Override
    public double[] numbers(int column) {
      return values[column];
    }

    @Override
    public @Nullable String[] texts(int column) {
      throw new IllegalArgumentException("No texts here");
    }
  }

  private record Scores(double[][] values) implements ScoreBlock {
    @Override
    public double[] numbers(int column) {
      return values[column];
    }

    @Override
    public @Nullable String[] texts(int column) {
      throw new IllegalArgumentException("No texts here");
    }
  }
}
