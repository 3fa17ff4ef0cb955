package io.scorebatch.cli;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.pipeline.config.PipelineFile;
import io.scorebatch.pipeline.config.Windows;
import java.time.Duration;
import java.util.OptionalLong;

/** Checks of option values. */
final class Usage {
  private Usage() {}

  static int positive(String option, int value) {
    if (value < 1) {
      throw wrong(option, String.valueOf(value), "give a whole number above 0.");
    }
    return value;
  }

  static long size(String option, String value) {
    OptionalLong bytes = PipelineFile.parseSize(value);
    if (bytes.isEmpty() || bytes.getAsLong() < 1) {
      throw wrong(option, value, "give a size such as 600MB or 2GB.");
    }
    return bytes.getAsLong();
  }

  static Duration window(String option, String value) {
    return Windows.parse(value)
        .orElseThrow(() -> wrong(option, value, "give a span such as 90s, 36h or 1.5d."));
  }

  static ScorebatchException wrong(String option, String value, String fix) {
    return ScorebatchException.of(ErrorCode.USAGE, option + " is '" + value + "'.", "", fix);
  }
}
