package io.scorebatch.artifact.fuzz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.artifact.ArtifactReader;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PickleReader;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import io.scorebatch.testing.Fixtures;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Trees that are none: a node that is its own child or leads back to the root, one that two nodes
 * share, children and features out of range, thresholds that are no number. Each is refused when it
 * is read; none can send a row in circles.
 */
class HostileTreesTest {
  private static final JsonMapper JSON = new JsonMapper();

  @TempDir private Path folder;

  @Test
  void xgboost() throws IOException {
    Path file = Fixtures.fixture("xgboost-3.2.0/regression/model.json");
    readable(Files.readAllBytes(file), "good.json");
    for (String[] edit :
        List.of(
            new String[] {"left_children", "0"},
            new String[] {"left_children", "2"}, // the other child
            new String[] {"right_children", "0"},
            new String[] {"right_children", "100000"},
            new String[] {"right_children", "-7"},
            new String[] {"split_indices", "5"},
            new String[] {"split_indices", "-1"},
            new String[] {"split_conditions", "NaN"})) {
      JsonNode root = JSON.readTree(file.toFile());
      ArrayNode values =
          (ArrayNode) root.at("/learner/gradient_booster/model/trees/0").withArray("/" + edit[0]);
      values.set(
          0,
          edit[1].equals("NaN")
              ? JSON.getNodeFactory().numberNode(Double.NaN)
              : JSON.getNodeFactory().numberNode(Integer.parseInt(edit[1])));
      byte[] hostile =
          JSON.writeValueAsString(root).replace("\"NaN\"", "NaN").getBytes(StandardCharsets.UTF_8);
      refused(hostile, "model.json", String.join(" = ", edit));
    }
  }

  @Test
  void lightgbm() throws IOException {
    String text = Files.readString(Fixtures.fixture("lightgbm-4.7.0/regression/model.txt"));
    readable(text.getBytes(StandardCharsets.UTF_8), "good.txt");
    for (String[] edit :
        List.of(
            new String[] {"left_child", "0"},
            new String[] {"right_child", "0"},
            new String[] {"left_child", "100000"},
            new String[] {"left_child", "-100000"},
            new String[] {"split_feature", "5"},
            new String[] {"split_feature", "-1"},
            new String[] {"threshold", "nan"},
            new String[] {"num_leaves", "100000000"},
            new String[] {"leaf_value", ""})) {
      Matcher line = Pattern.compile("(?m)^" + edit[0] + "=(\\S+)").matcher(text);
      assertThat(line.find()).isTrue();
      String hostile = text.substring(0, line.start(1)) + edit[1] + text.substring(line.end(1));
      refused(hostile.getBytes(StandardCharsets.UTF_8), "model.txt", String.join(" = ", edit));
    }
  }

  @Test
  void scikitLearn() throws IOException {
    byte[] whole =
        Files.readAllBytes(
            Fixtures.fixture("sklearn-1.9.1/decision-tree-binary/model.protocol4.pkl"));
    PyObject tree = ((PyObject) PickleReader.read("good", whole)).object("tree_");
    NdArray nodes = tree.array("nodes");
    int left = nodes.field("left_child").ints()[0];
    int right = nodes.field("right_child").ints()[0];
    int feature = nodes.field("feature").ints()[0];
    double threshold = nodes.field("threshold").doubles()[0];
    ByteBuffer root = ByteBuffer.allocate(32).order(ByteOrder.LITTLE_ENDIAN);
    root.putLong(left).putLong(right).putLong(feature).putDouble(threshold);
    int at = indexOf(whole, root.array());
    for (long child : new long[] {0, right, 1L << 20, -7, Long.MIN_VALUE}) {
      refused(with(whole, at, child), "model.pkl", "left child " + child);
    }
    for (long child : new long[] {0, left, 1L << 20, -7}) {
      refused(with(whole, at + 8, child), "model.pkl", "right child " + child);
    }
    for (long other : new long[] {5, -1, 1L << 40}) {
      refused(with(whole, at + 16, other), "model.pkl", "feature " + other);
    }
    byte[] nan = with(whole, at + 24, Double.doubleToRawLongBits(Double.NaN));
    refused(nan, "model.pkl", "threshold NaN");
  }

  @Test
  void histogramBoosting() throws IOException {
    byte[] whole =
        Files.readAllBytes(Fixtures.fixture("sklearn-1.9.1/hist-regression/" + histFile()));
    PyObject model = (PyObject) PickleReader.read("good", whole);
    Object stage = model.sequence("_predictors").item(0);
    NdArray nodes = ((PyObject) ((PySequence) stage).item(0)).array("nodes");
    int left = nodes.field("left").ints()[0];
    int right = nodes.field("right").ints()[0];
    ByteBuffer root = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
    int at = indexOf(whole, root.putInt(left).putInt(right).array());
    for (int child : new int[] {0, right, 1 << 20, -1}) {
      byte[] hostile = whole.clone();
      ByteBuffer.wrap(hostile).order(ByteOrder.LITTLE_ENDIAN).putInt(at, child);
      refused(hostile, "model.pkl", "left child " + child);
    }
  }

  private static String histFile() {
    for (String name : List.of("model.pkl", "model.cloudpickle.pkl", "model.joblib")) {
      if (Files.exists(Fixtures.fixture("sklearn-1.9.1/hist-regression/" + name))) {
        return name;
      }
    }
    throw new IllegalStateException("no pickle of hist-regression");
  }

  private static byte[] with(byte[] whole, int at, long value) {
    byte[] hostile = whole.clone();
    ByteBuffer.wrap(hostile).order(ByteOrder.LITTLE_ENDIAN).putLong(at, value);
    return hostile;
  }

  private static int indexOf(byte[] whole, byte[] part) {
    for (int i = 0; i + part.length <= whole.length; i++) {
      if (Arrays.equals(whole, i, i + part.length, part, 0, part.length)) {
        return i;
      }
    }
    throw new IllegalStateException("the file does not hold the node as it is read");
  }

  private void readable(byte[] bytes, String name) throws IOException {
    assertThat(new ArtifactReader().readFile(Files.write(folder.resolve(name), bytes)).model())
        .isNotNull();
  }

  private void refused(byte[] bytes, String name, String what) throws IOException {
    Path file = Files.write(folder.resolve(name), bytes);
    assertThatThrownBy(() -> new ArtifactReader().readFile(file))
        .as(what)
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_UNREADABLE))
        .hasMessageContaining(" Fix: ");
  }
}
