package io.scorebatch.benchmark;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * How long the kernel takes for tree ensembles: 200,000 rows x 16 features, float32 values without
 * gaps, in memory. Time for all rows; divide by rows and trees to compare models.
 *
 * <pre>{@code
 * ./mvnw -B -ntp -pl benchmark -am -DskipTests package
 * python3 -m venv benchmark/target/python
 * benchmark/target/python/bin/pip install -r benchmark/peers/requirements.txt
 * benchmark/target/python/bin/python benchmark/peers/models.py benchmark/target/models
 * java -cp 'benchmark/target/classes:benchmark/target/lib/*' org.openjdk.jmh.Main TreeKernel [-t 2]
 * }</pre>
 *
 * The peers on the same models, in one run: {@code benchmark/compare kernels}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
    value = 1,
    jvmArgs = {"-XX:+UseSerialGC", "-Xmx1g"})
public class TreeKernelBenchmark {
  /** Where {@code models.py} wrote the models and the matrix. */
  @Param("benchmark/target/models")
  public String models = "";

  @Param({
    "xgboost-100x6",
    "xgboost-1000x8",
    "gradient-boosting-100x5",
    "isolation-forest-100",
    "random-forest-100x10",
    "lightgbm-500x63"
  })
  public String model = "";

  @SuppressWarnings("NullAway.Init")
  private KernelCase kernel;

  @Setup
  public void read() throws IOException {
    kernel = KernelCase.read(Path.of(models), model);
  }

  @Benchmark
  public double score() {
    return kernel.score();
  }

  @Benchmark
  public double doNothing() {
    return kernel.doNothing();
  }
}
