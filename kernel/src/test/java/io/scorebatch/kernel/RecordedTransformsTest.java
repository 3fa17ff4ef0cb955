package io.scorebatch.kernel;

import static io.scorebatch.api.model.OutputKind.TRANSFORM;

import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accents;
import io.scorebatch.api.model.Transform.Analyzer;
import io.scorebatch.api.model.Transform.Norm;
import io.scorebatch.api.model.Transformation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** scikit-learn transforms against what Python answered. */
class RecordedTransformsTest {
  private static final double EXACT = 0;
  private static final double POWERS = 1e-12;

  private static void check(Recorded recorded, double tolerance, Transform... steps) {
    recorded.isAnsweredBy(new Transformation(List.of(steps)), tolerance, TRANSFORM);
  }

  @Test
  void standardScaler() {
    Recorded recorded = new Recorded("standard-scaler");
    check(recorded, EXACT, new Transform.Standardize(recorded.get("mean"), recorded.get("scale")));
  }

  @Test
  void minMaxScalerClips() {
    Recorded recorded = new Recorded("min-max-scaler");
    check(
        recorded,
        EXACT,
        new Transform.ScaleShift(recorded.get("scale"), recorded.get("min"), -1, 2));
  }

  @ParameterizedTest
  @EnumSource(Norm.class)
  void normalizer(Norm norm) {
    check(
        new Recorded("normalizer-" + norm.name().toLowerCase(Locale.ROOT)),
        norm == Norm.L2 ? 1e-15 : EXACT,
        new Transform.Normalize(norm));
  }

  @ParameterizedTest
  @ValueSource(strings = {"yeo-johnson", "box-cox"})
  void powerTransformer(String method) {
    Recorded recorded = new Recorded(method);
    check(recorded, POWERS, new Transform.Power(method.equals("box-cox"), recorded.get("lambdas")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"uniform", "normal"})
  void quantileTransformer(String output) {
    Recorded recorded = new Recorded("quantile-" + output);
    boolean normal = output.equals("normal");
    check(
        recorded,
        normal ? 1e-12 : EXACT,
        new Transform.Quantile(
            Recorded.split(recorded.get("quantiles"), 15), recorded.get("references"), normal));
  }

  @Test
  void kBinsDiscretizer() {
    Recorded recorded = new Recorded("bins");
    check(
        recorded, EXACT, new Transform.Bins(Recorded.split(recorded.get("edges"), 5), false, true));
  }

  @Test
  void polynomialFeatures() {
    Recorded recorded = new Recorded("polynomial");
    int[][] products =
        IntStream.range(0, recorded.get("powers").length / 4)
            .mapToObj(
                k ->
                    IntStream.range(0, 4)
                        .flatMap(
                            j ->
                                IntStream.range(0, recorded.ints("powers")[k * 4 + j])
                                    .map(times -> j))
                        .toArray())
            .toArray(int[][]::new);
    check(recorded, EXACT, new Transform.Polynomial(products));
  }

  @Test
  void principalComponents() {
    Recorded recorded = new Recorded("pca");
    check(
        recorded,
        1e-13,
        new Transform.Project(
            4, recorded.get("mean"), recorded.get("components"), recorded.get("scale")));
  }

  private static Transform.CountText text(
      Recorded recorded,
      Analyzer analyzer,
      Accents accents,
      String pattern,
      Set<String> stopWords,
      int minN,
      int maxN,
      boolean caseAndBinary) {
    String[] words = recorded.text("vocabulary");
    Map<String, Integer> vocabulary = new HashMap<>();
    for (int i = 0; i < words.length; i++) {
      vocabulary.put(words[i], i);
    }
    return new Transform.CountText(
        vocabulary,
        words.length,
        analyzer,
        !caseAndBinary,
        accents,
        pattern,
        stopWords,
        minN,
        maxN,
        caseAndBinary);
  }

  private static final String WORDS = "(?u)\\b\\w\\w+\\b";

  @Test
  void countsWordsAndPairsOfWords() {
    Recorded recorded = new Recorded("text-words");
    Set<String> stop = Set.of("the", "on");
    check(recorded, EXACT, text(recorded, Analyzer.WORD, Accents.KEEP, WORDS, stop, 1, 2, false));
  }

  @Test
  void anotherSpellingOfThePatternFindsTheSameWords() {
    Recorded recorded = new Recorded("text-words");
    Set<String> stop = Set.of("the", "on");
    String pattern = "\\b\\w{2,}\\b";
    check(recorded, EXACT, text(recorded, Analyzer.WORD, Accents.KEEP, pattern, stop, 1, 2, false));
  }

  @Test
  void obeysCaseBinaryAndPattern() {
    Recorded recorded = new Recorded("text-binary-case");
    String pattern = "(?u)\\b[^\\W\\d_]{2,}\\b";
    check(
        recorded,
        EXACT,
        text(recorded, Analyzer.WORD, Accents.KEEP, pattern, Set.of(), 1, 1, true));
  }

  @Test
  void takesTheGroupOfAPatternAndStripsAccents() {
    Recorded recorded = new Recorded("text-group");
    String pattern = "(?P<first>\\w)\\w*";
    check(
        recorded,
        EXACT,
        text(recorded, Analyzer.WORD, Accents.UNICODE, pattern, Set.of(), 1, 1, false));
  }

  @Test
  void dropsWhatIsNotAscii() {
    Recorded recorded = new Recorded("text-ascii");
    check(
        recorded,
        EXACT,
        text(recorded, Analyzer.WORD, Accents.ASCII, WORDS, Set.of(), 1, 1, false));
  }

  @Test
  void countsCharacters() {
    Recorded recorded = new Recorded("text-char");
    check(
        recorded, EXACT, text(recorded, Analyzer.CHAR, Accents.KEEP, WORDS, Set.of(), 1, 3, false));
    Recorded inWords = new Recorded("text-char-wb");
    check(
        inWords,
        EXACT,
        text(inWords, Analyzer.CHAR_WB, Accents.KEEP, WORDS, Set.of(), 2, 4, false));
  }

  @Test
  void weighsTerms() {
    Recorded recorded = new Recorded("text-tfidf");
    List<Transform> steps = new ArrayList<>();
    steps.add(text(recorded, Analyzer.WORD, Accents.KEEP, WORDS, Set.of(), 1, 2, false));
    steps.add(new Transform.Tfidf(true, recorded.get("idf")));
    steps.add(new Transform.Normalize(Norm.L2));
    recorded.isAnsweredBy(new Transformation(steps), 1e-15, TRANSFORM);
  }
}
