package io.scorebatch.registry.mlflow;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ScorebatchException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModelUriTest {
  private static final String RUN = "0cef6fb6c4f545308a2cef0fae193a6f";

  @Test
  void readsAVersion() {
    assertThat(ModelUri.parse("models:/churn/3")).isEqualTo(new ModelUri.Version("churn", 3));
    assertThat(ModelUri.parse(" models:/main.ml.churn/10/ "))
        .isEqualTo(new ModelUri.Version("main.ml.churn", 10));
    assertThat(ModelUri.parse("models:///churn/3")).isEqualTo(new ModelUri.Version("churn", 3));
  }

  @Test
  void readsAnAlias() {
    assertThat(ModelUri.parse("models:/main.ml.churn@champion"))
        .isEqualTo(new ModelUri.Alias("main.ml.churn", "champion"));
    assertThat(ModelUri.parse("models:/me@home@champion"))
        .isEqualTo(new ModelUri.Alias("me@home", "champion"));
  }

  @Test
  void readsLatestInAnyCaseAndStages() {
    assertThat(ModelUri.parse("models:/churn/Latest")).isEqualTo(new ModelUri.Latest("churn"));
    assertThat(ModelUri.parse("models:/churn/Production"))
        .isEqualTo(new ModelUri.Stage("churn", "Production"));
  }

  @Test
  void readsAModelIdButNotANameLikeOne() {
    assertThat(ModelUri.parse("models:/m-" + RUN)).isEqualTo(new ModelUri.ById("m-" + RUN));
    assertThatThrownBy(() -> ModelUri.parse("models:/m-12"))
        .hasMessageContaining("It says neither version nor alias.");
  }

  @Test
  void decodesNames() {
    assertThat(ModelUri.parse("models:/two%20words/1"))
        .isEqualTo(new ModelUri.Version("two words", 1));
    assertThat(ModelUri.parse("models:/two words/1"))
        .isEqualTo(new ModelUri.Version("two words", 1));
    assertThat(ModelUri.parse("models:/ca%C3%B1a@ya")).isEqualTo(new ModelUri.Alias("caña", "ya"));
    assertThat(ModelUri.parse("models:/100%/1")).isEqualTo(new ModelUri.Version("100%", 1));
  }

  @Test
  void readsARunsModelAndTidiesItsPath() {
    assertThat(ModelUri.parse("runs:/" + RUN + "/model"))
        .isEqualTo(new ModelUri.OfRun(RUN, "model"));
    assertThat(ModelUri.parse("runs:/" + RUN + "/./sub//x/../model/."))
        .isEqualTo(new ModelUri.OfRun(RUN, "sub/model"));
  }

  @Test
  void takesAnythingElseForAPath() {
    assertThat(ModelUri.parse("./models/churn")).isEqualTo(new ModelUri.Folder("./models/churn"));
    assertThat(ModelUri.parse("file:///models/churn"))
        .isEqualTo(new ModelUri.Folder("file:///models/churn"));
    assertThat(ModelUri.parse("C:\\models\\churn"))
        .isEqualTo(new ModelUri.Folder("C:\\models\\churn"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                       | It is empty.
          models:churn/3           | After the scheme comes a '/'.
          models://server/churn/3  | After the scheme comes one '/'; which registry to ask is a setting of its own.
          models:/                 | It names no model.
          models:/churn            | It says neither version nor alias.
          models:/churn/           | It says neither version nor alias.
          models:/churn@           | A name and an alias stand around '@'.
          models:/@champion        | A name and an alias stand around '@'.
          models:/churn/@champion  | An alias follows the name directly: models:/churn@champion.
          models:/a/b/3            | It has 3 parts; a model's name and a version make two.
          models:/churn/9999999999 | Version 9999999999 is too large a number.
          runs:/                   | '' is no run id.
          runs:/../x               | '..' is no run id.
          runs:/abc                | It names no model of the run.
          runs:/abc/..             | Its '..' leads out of the run's folder.
          runs:/abc/%2e%2e/x       | Its '..' leads out of the run's folder.
          ftp://host/churn         | Its scheme 'ftp' names no kind of model.
          """)
  void refusesWhatIsNoModelUriWithTheReasonAndTheForms(String uri, String why) {
    assertThatThrownBy(() -> ModelUri.parse(uri == null ? "" : uri))
        .isInstanceOf(ScorebatchException.class)
        .hasMessage(
            "SB-0200 '"
                + uri
                + "' is no model URI. "
                + why
                + " Fix: write models:/name/3, models:/name@alias, models:/name/latest,"
                + " models:/name/Production, models:/m-<id>, runs:/<run id>/<path>, or a path.");
  }
}
