package io.scorebatch.artifact.sklearn;

import io.scorebatch.api.model.Transform;
import io.scorebatch.api.model.Transform.Accept;
import io.scorebatch.artifact.pickle.NdArray;
import io.scorebatch.artifact.pickle.PyGlobal;
import io.scorebatch.artifact.pickle.PyNone;
import io.scorebatch.artifact.pickle.PyObject;
import io.scorebatch.artifact.pickle.PySequence;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** CountVectorizer, TfidfVectorizer and TfidfTransformer. */
final class TextVectorizers {
  private static final Columns ONE_TEXT = new Columns(List.of(true), Optional.empty());
  private static final int MAX_GRAM = 1000;

  private TextVectorizers() {}

  static FittedTransform count(PyObject vectorizer, Parts parts) {
    Transform.CountText count = countText(vectorizer);
    return FittedTransform.of(ONE_TEXT, count.width(), count);
  }

  static FittedTransform tfidf(PyObject vectorizer, Parts parts) {
    Object dtype = vectorizer.attribute("dtype");
    if (dtype instanceof PyGlobal global && global.name().equals("numpy.float32")) {
      throw SklearnErrors.setting(vectorizer, "dtype", "float32");
    }
    Transform.CountText count = countText(vectorizer);
    List<Transform> steps = new ArrayList<>(List.of(count));
    steps.addAll(weights(vectorizer.object("_tfidf"), count.width()));
    return new FittedTransform(ONE_TEXT, count.width(), steps);
  }

  static FittedTransform tfidfTransformer(PyObject transformer, Parts parts) {
    Columns columns = Columns.numbersOf(transformer);
    List<Transform> steps = new ArrayList<>();
    steps.add(new Transform.Check(Accept.FINITE));
    steps.addAll(weights(transformer, columns.count()));
    return new FittedTransform(columns, columns.count(), steps);
  }

  private static List<Transform> weights(PyObject transformer, int width) {
    List<Transform> steps = new ArrayList<>();
    double[] idf = new double[0];
    if (transformer.flag("use_idf")) {
      idf = idf(transformer);
      if (idf.length != width) {
        throw SklearnErrors.damaged(
            transformer, "weighs " + idf.length + " of " + width + " terms");
      }
    }
    steps.add(new Transform.Tfidf(transformer.flag("sublinear_tf"), idf));
    if (transformer.has("norm")) {
      steps.add(new Transform.Normalize(Scalers.norm(transformer, transformer.text("norm")), true));
    }
    return steps;
  }

  /** An array since 1.5, before that the diagonal of a sparse matrix. */
  private static double[] idf(PyObject transformer) {
    if (transformer.find("idf_") instanceof NdArray idf) {
      return idf.doubles();
    }
    PyObject diagonal = transformer.object("_idf_diag");
    NdArray data = diagonal.array("data");
    boolean single =
        data.rank() == 1
            || (data.rank() == 2
                && data.extent(0) == 1
                && diagonal.has("offsets")
                && diagonal.array("offsets").ints()[0] == 0);
    if (!single) {
      throw SklearnErrors.damaged(transformer, "has no diagonal of weights");
    }
    return data.doubles();
  }

  private static Transform.CountText countText(PyObject vectorizer) {
    for (String callable : List.of("preprocessor", "tokenizer")) {
      if (vectorizer.has(callable)) {
        throw SklearnErrors.setting(vectorizer, callable, vectorizer.attribute(callable));
      }
    }
    String input = vectorizer.text("input");
    if (!input.equals("content")) {
      throw SklearnErrors.setting(vectorizer, "input", input);
    }
    Map<String, Integer> vocabulary = vocabulary(vectorizer);
    PySequence range = vectorizer.sequence("ngram_range");
    Transform.Analyzer analyzer = analyzer(vectorizer);
    return new Transform.CountText(
        vocabulary,
        vocabulary.size(),
        analyzer,
        vectorizer.flag("lowercase"),
        accents(vectorizer),
        vectorizer.textOr("token_pattern", ""),
        analyzer == Transform.Analyzer.WORD ? stopWords(vectorizer) : Set.of(),
        gram(vectorizer, range, 0),
        gram(vectorizer, range, 1),
        vectorizer.flag("binary"));
  }

  private static Transform.Analyzer analyzer(PyObject vectorizer) {
    Object analyzer = vectorizer.attribute("analyzer");
    if (analyzer.equals("word") || analyzer.equals("char") || analyzer.equals("char_wb")) {
      return Transform.Analyzer.valueOf(analyzer.toString().toUpperCase(Locale.ROOT));
    }
    throw SklearnErrors.setting(vectorizer, "analyzer", analyzer);
  }

  private static Transform.Accents accents(PyObject vectorizer) {
    Object accents = vectorizer.attribute("strip_accents");
    if (accents == PyNone.NONE) {
      return Transform.Accents.KEEP;
    }
    if (accents.equals("ascii") || accents.equals("unicode")) {
      return Transform.Accents.valueOf(accents.toString().toUpperCase(Locale.ROOT));
    }
    throw SklearnErrors.setting(vectorizer, "strip_accents", accents);
  }

  private static int gram(PyObject vectorizer, PySequence range, int index) {
    if (range.size() == 2 && range.item(index) instanceof Long n && n >= 1 && n <= MAX_GRAM) {
      return n.intValue();
    }
    throw SklearnErrors.damaged(vectorizer, "has an n-gram range of unknown form");
  }

  private static Map<String, Integer> vocabulary(PyObject vectorizer) {
    Map<String, Integer> vocabulary = new HashMap<>();
    Map<Object, Object> stored = vectorizer.dict("vocabulary_").entries();
    for (Map.Entry<Object, Object> entry : stored.entrySet()) {
      if (!(entry.getKey() instanceof String term)
          || !(entry.getValue() instanceof Long column)
          || column < 0
          || column >= stored.size()) {
        throw SklearnErrors.damaged(
            vectorizer, "has the term " + entry.getKey() + " at " + entry.getValue());
      }
      vocabulary.put(term, column.intValue());
    }
    if (vocabulary.isEmpty()) {
      throw SklearnErrors.damaged(vectorizer, "knows no term");
    }
    return vocabulary;
  }

  private static Set<String> stopWords(PyObject vectorizer) {
    Object words = vectorizer.attribute("stop_words");
    if (words == PyNone.NONE) {
      return Set.of();
    }
    if (words.equals("english")) {
      return English.WORDS;
    }
    if (words instanceof PySequence list) {
      Set<String> result = new HashSet<>();
      for (Object word : list.items()) {
        if (!(word instanceof String text)) {
          throw SklearnErrors.damaged(vectorizer, "has the stop word " + word);
        }
        result.add(text);
      }
      return result;
    }
    throw SklearnErrors.setting(vectorizer, "stop_words", words);
  }

  /** scikit-learn's own list, read when a model first needs it. */
  private static final class English {
    static final Set<String> WORDS = load();

    private static Set<String> load() {
      try (InputStream in = TextVectorizers.class.getResourceAsStream("english-stop-words.txt")) {
        if (in == null) {
          throw new IllegalStateException("english-stop-words.txt is not on the class path");
        }
        return new String(in.readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .filter(line -> !line.startsWith("#") && !line.isBlank())
            .collect(Collectors.toUnmodifiableSet());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
