package io.scorebatch.kernel;

import io.scorebatch.api.model.RejectedValueException.Reason;
import io.scorebatch.api.model.Transform.Accents;
import io.scorebatch.api.model.Transform.Analyzer;
import io.scorebatch.api.model.Transform.CountText;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Counts the terms of a vocabulary in texts, as scikit-learn's CountVectorizer does. */
final class TextSteps {
  /** What most vectorizers use: words of two and more characters. */
  private static final String DEFAULT_PATTERN = "(?u)\\b\\w\\w+\\b";

  private static final Pattern SPACES = Pattern.compile("[" + PythonPattern.SPACE + "]{2,}");
  private static final Pattern SPACE = Pattern.compile("[" + PythonPattern.SPACE + "]+");

  private TextSteps() {}

  static Step count(CountText transform, Columns in) {
    if (in.count() != 1) {
      throw KernelErrors.columns("A text vectorizer", 1, in.count());
    }
    if (!in.text()[0]) {
      throw KernelErrors.numberColumn("A text vectorizer", 0);
    }
    Columns out = Columns.computed(transform.width());
    Tokens tokens = tokens(transform);
    return new Step() {
      @Override
      public Columns out() {
        return out;
      }

      @Override
      public Frame apply(Frame frame) {
        double[][] counts = new double[out.count()][frame.rows];
        for (int r = 0; r < frame.rows; r++) {
          String text = frame.texts(0)[r];
          if (text == null) {
            throw frame.reject(r, in.origin()[0], Reason.NAN, "null");
          }
          int row = r;
          terms(
              transform,
              tokens,
              prepared(text, transform),
              term -> {
                Integer column = transform.vocabulary().get(term);
                if (column != null) {
                  counts[column][row] = transform.binary() ? 1 : counts[column][row] + 1;
                }
              });
        }
        return frame.with(counts);
      }
    };
  }

  private static String prepared(String text, CountText transform) {
    String prepared = transform.lowercase() ? text.toLowerCase(Locale.ROOT) : text;
    return switch (transform.accents()) {
      case KEEP -> prepared;
      case ASCII, UNICODE -> withoutAccents(prepared, transform.accents());
    };
  }

  private static String withoutAccents(String text, Accents accents) {
    String decomposed = Normalizer.normalize(text, Normalizer.Form.NFKD);
    StringBuilder kept = new StringBuilder(decomposed.length());
    decomposed
        .codePoints()
        .filter(c -> accents == Accents.ASCII ? c < 128 : !isCombining(c))
        .forEach(kept::appendCodePoint);
    return kept.toString();
  }

  /**
   * Whether a character has a canonical combining class: then it is put before U+0345, whose class
   * is the highest.
   */
  private static boolean isCombining(int c) {
    if (c < 0x300) {
      return false;
    }
    String after = "\u0345" + Character.toString(c);
    return c == 0x345 || !Normalizer.normalize(after, Normalizer.Form.NFD).startsWith("\u0345");
  }

  /** Gives each term of a text to the counter. */
  private static void terms(
      CountText transform, Tokens tokens, String text, Consumer<String> counter) {
    switch (transform.analyzer()) {
      case WORD -> wordTerms(transform, tokens, text, counter);
      case CHAR -> characterTerms(transform, SPACES.matcher(text).replaceAll(" "), counter);
      case CHAR_WB -> {
        for (String word : SPACE.split(text, 0)) {
          if (!word.isEmpty()) {
            paddedTerms(transform, " " + word + " ", counter);
          }
        }
      }
    }
  }

  private static void wordTerms(
      CountText transform, Tokens tokens, String text, Consumer<String> counter) {
    List<String> words = new ArrayList<>();
    tokens.find(
        text,
        word -> {
          if (!transform.stopWords().contains(word)) {
            words.add(word);
          }
        });
    for (int n = transform.minN(); n <= Math.min(transform.maxN(), words.size()); n++) {
      for (int i = 0; i + n <= words.size(); i++) {
        counter.accept(n == 1 ? words.get(i) : String.join(" ", words.subList(i, i + n)));
      }
    }
  }

  private static void characterTerms(CountText transform, String text, Consumer<String> counter) {
    int[] characters = text.codePoints().toArray();
    for (int n = transform.minN(); n <= Math.min(transform.maxN(), characters.length); n++) {
      for (int i = 0; i + n <= characters.length; i++) {
        counter.accept(new String(characters, i, n));
      }
    }
  }

  private static void paddedTerms(CountText transform, String word, Consumer<String> counter) {
    int[] characters = word.codePoints().toArray();
    for (int n = transform.minN(); n <= transform.maxN(); n++) {
      counter.accept(new String(characters, 0, Math.min(n, characters.length)));
      if (n >= characters.length) {
        return;
      }
      for (int i = 1; i + n <= characters.length; i++) {
        counter.accept(new String(characters, i, n));
      }
    }
  }

  /** Cuts a text into words. */
  private interface Tokens {
    void find(String text, Consumer<String> word);
  }

  private static Tokens tokens(CountText transform) {
    if (transform.analyzer() != Analyzer.WORD) {
      return (text, word) -> {};
    }
    if (transform.tokenPattern().equals(DEFAULT_PATTERN)) {
      return TextSteps::defaultTokens;
    }
    Pattern pattern = PythonPattern.compile(transform.tokenPattern());
    int group = pattern.matcher("").groupCount();
    if (group > 1) {
      throw KernelErrors.pattern(transform.tokenPattern(), "it has more than one group");
    }
    return (text, word) -> {
      Matcher matcher = pattern.matcher(text);
      while (matcher.find()) {
        String token = matcher.group(group);
        word.accept(token == null ? "" : token);
      }
    };
  }

  /** Runs of two and more word characters. */
  private static void defaultTokens(String text, Consumer<String> word) {
    int length = text.length();
    int i = 0;
    while (i < length) {
      int start = i;
      int characters = 0;
      while (i < length && isWord(text.codePointAt(i))) {
        i += Character.charCount(text.codePointAt(i));
        characters++;
      }
      if (characters >= 2) {
        word.accept(text.substring(start, i));
      } else if (characters == 0) {
        i += Character.charCount(text.codePointAt(i));
      }
    }
  }

  /** Python's {@code \w}: {@code isalnum} or the underscore. */
  private static boolean isWord(int c) {
    if (c < 128) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    }
    return switch (Character.getType(c)) {
      case Character.UPPERCASE_LETTER,
          Character.LOWERCASE_LETTER,
          Character.TITLECASE_LETTER,
          Character.MODIFIER_LETTER,
          Character.OTHER_LETTER,
          Character.DECIMAL_DIGIT_NUMBER,
          Character.LETTER_NUMBER,
          Character.OTHER_NUMBER ->
          true;
      default -> false;
    };
  }
}
