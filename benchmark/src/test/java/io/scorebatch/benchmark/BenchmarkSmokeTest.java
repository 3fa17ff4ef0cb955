package io.scorebatch.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Collection;
import org.junit.jupiter.api.Test;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** Runs each benchmark once on tiny models; how long it takes is nobody's business here. */
class BenchmarkSmokeTest {
  private static final Path TINY = Path.of("src/test/resources/tiny");

  @Test
  void everyBenchmarkRunsAndScoresAsPythonDid() throws RunnerException {
    Collection<RunResult> results =
        new Runner(
                new OptionsBuilder()
                    .include("io\\.scorebatch\\.benchmark\\..*")
                    .param("models", TINY.toString())
                    .forks(0)
                    .warmupIterations(0)
                    .measurementIterations(1)
                    .measurementTime(TimeValue.milliseconds(1))
                    .shouldFailOnError(true)
                    .build())
            .run();
    assertThat(results).hasSize(12);
  }

  @Test
  void namesTheScriptWhereAModelIsMissing() {
    assertThatThrownBy(() -> KernelCase.read(TINY, "none"))
        .isInstanceOf(IOException.class)
        .hasMessage(TINY.resolve("none") + " is missing; benchmark/peers/models.py writes it");
  }
}
