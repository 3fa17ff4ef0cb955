package io.scorebatch.model.catboost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.RejectedValueException;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.model.catboost.CbmCheck.DamagedException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CatBoost's library ends the JVM over an index that leads out of its list: none may reach it. */
class CbmCheckTest {
  @Test
  void acceptsEveryFixture() throws Exception {
    for (CatBoostCase fixture : CatBoostCase.all().toList()) {
      CbmCheck.check(ByteBuffer.wrap(Files.readAllBytes(fixture.file())));
    }
  }

  @Test
  void refusesEveryTruncation() throws IOException {
    for (String name : List.of("categories-regression", "lossguide-multiclass")) {
      byte[] whole = Files.readAllBytes(CatBoostCase.named(name).file());
      for (int length = 0; length < whole.length; length++) {
        byte[] cut = Arrays.copyOf(whole, length);
        assertThatThrownBy(() -> CbmCheck.check(ByteBuffer.wrap(cut)))
            .as("%s cut to %d bytes", name, length)
            .isInstanceOf(DamagedException.class);
      }
    }
  }

  @Test
  void answersEveryMutationWithARefusalOrGoesOn() throws IOException {
    SplittableRandom random = new SplittableRandom(3);
    int refused = 0;
    for (byte[] whole : contents()) {
      for (int i = 0; i < 1000; i++) {
        try {
          CbmCheck.check(ByteBuffer.wrap(mutant(whole, random)));
        } catch (DamagedException e) {
          refused++;
        }
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void letsTheLibrarySurviveWhatItAccepts(@TempDir Path folder) throws IOException {
    SplittableRandom random = new SplittableRandom(4);
    Path file = folder.resolve("mutant.cbm");
    int scored = 0;
    for (CatBoostCase fixture : CatBoostCase.all().toList()) {
      byte[] whole = Files.readAllBytes(fixture.file());
      for (int i = 0; i < 60; i++) {
        Files.write(file, mutant(whole, random));
        try {
          Model model =
              new CatBoostModelReader()
                  .complete(CatBoostCase.known(file), CatBoostCase.logged(Map.of()));
          try (Scorer scorer =
              new CatBoostScorerFactory().create(model, List.of(OutputKind.PREDICT))) {
            if (scorer.inputs().equals(fixture.complete().inputs())) {
              CatBoostCase.score(scorer, fixture.input());
              scored++;
            }
          }
        } catch (ScorebatchException | RejectedValueException e) {
          assertThat(e).hasMessageNotContaining(" null");
        }
      }
    }
    assertThat(scored).isPositive();
  }

  private static List<byte[]> contents() {
    return CatBoostCase.all()
        .map(
            fixture -> {
              try {
                return Files.readAllBytes(fixture.file());
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            })
        .toList();
  }

  private static byte[] mutant(byte[] whole, SplittableRandom random) {
    byte[] mutant = whole.clone();
    for (int n = random.nextInt(1, 4); n > 0; n--) {
      mutant[random.nextInt(mutant.length)] = (byte) random.nextInt();
    }
    return mutant;
  }
}
