package io.scorebatch.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Retries after faults that may pass, and time limits. */
class RetriesTest {
  private final RunControl control = RunControl.unwatched();
  private final List<String> heard = new ArrayList<>();
  private int tries;

  private static ScorebatchException fault(ErrorCode code) {
    return ScorebatchException.of(code, "Fault " + code + ".", "", "");
  }

  private String call(int most, ErrorCode code, int faults) {
    return new Retries(most, Duration.ofMillis(1))
        .call(
            "churn",
            control,
            () -> {
              if (++tries <= faults) {
                throw fault(code);
              }
              return "done at try " + tries;
            },
            failure -> heard.add(failure.problem().what()));
  }

  @Test
  void aFaultThatPassesIsTriedAgain() {
    assertThat(call(2, ErrorCode.CATALOG_UNREADABLE, 2)).isEqualTo("done at try 3");
    assertThat(heard).containsExactly("Fault CATALOG_UNREADABLE.", "Fault CATALOG_UNREADABLE.");
  }

  @Test
  void aFaultThatStaysIsTriedAsOftenAsAsked() {
    assertThatThrownBy(() -> call(2, ErrorCode.REGISTRY_UNREADABLE, 99))
        .hasMessageContaining("Fault REGISTRY_UNREADABLE.");
    assertThat(tries).isEqualTo(3);
    assertThat(heard).hasSize(2);
  }

  @Test
  void whatWouldFailAgainIsTriedOnce() {
    for (ErrorCode code :
        List.of(
            ErrorCode.TABLE_NOT_FOUND,
            ErrorCode.MODEL_UNREADABLE,
            ErrorCode.PREDICTION_DRIFT,
            ErrorCode.OUT_OF_MEMORY,
            ErrorCode.INTERRUPTED,
            ErrorCode.COMMIT_STATE_UNKNOWN)) {
      tries = 0;
      assertThatThrownBy(() -> call(5, code, 1)).isInstanceOf(ScorebatchException.class);
      assertThat(tries).as(code.name()).isEqualTo(1);
    }
  }

  @Test
  void aRunThatIsStoppedWaitsForNoFurtherTry() {
    control.cancel();
    Retries patient = new Retries(5, Duration.ofHours(1));
    assertThatThrownBy(
            () ->
                patient.call(
                    "churn",
                    control,
                    () -> {
                      throw fault(ErrorCode.CATALOG_UNREADABLE);
                    },
                    failure -> {}))
        .hasMessageContaining("Model 'churn' was stopped before it was tried again.");
  }

  @Test
  void workThatTakesTooLongIsCancelledAndNamed() {
    CountDownLatch stopped = new CountDownLatch(1);
    assertThatThrownBy(
            () ->
                TimeLimit.within(
                    Optional.of(Duration.ofMillis(20)),
                    "churn",
                    control,
                    inner -> {
                      inner.onCancel(stopped::countDown);
                      await(stopped);
                      throw fault(ErrorCode.INTERRUPTED);
                    }))
        .isInstanceOfSatisfying(
            ScorebatchException.class,
            e -> assertThat(e.problem().code()).isEqualTo(ErrorCode.MODEL_TIMED_OUT))
        .hasMessageContaining("Model 'churn' was not scored within 0.02s.");
    assertThat(control.isCancelled()).isFalse();
  }

  @Test
  void aRunThatIsStoppedIsNoTimeout() {
    assertThatThrownBy(
            () ->
                TimeLimit.within(
                    Optional.of(Duration.ofHours(1)),
                    "churn",
                    control,
                    inner -> {
                      control.cancel();
                      assertThat(inner.isCancelled()).isTrue();
                      throw fault(ErrorCode.INTERRUPTED);
                    }))
        .hasMessageContaining("Fault INTERRUPTED.");
  }

  @Test
  void workInTimeGivesItsResult() {
    int inTime = TimeLimit.within(Optional.of(Duration.ofHours(1)), "m", control, inner -> 7);
    assertThat(inTime).isEqualTo(7);
    boolean same = TimeLimit.within(Optional.empty(), "m", control, inner -> inner == control);
    assertThat(same).isTrue();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
