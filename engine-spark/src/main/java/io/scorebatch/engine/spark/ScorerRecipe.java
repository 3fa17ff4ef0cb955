package io.scorebatch.engine.spark;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ColumnBlock;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.ScoreBlock;
import io.scorebatch.api.model.ScoreColumn;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import java.io.Serializable;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How an executor gets a scorer. Broadcast once to each executor, which makes the scorer once, when
 * the first task asks for it. Thread-safe.
 */
abstract class ScorerRecipe implements Serializable {
  private transient volatile @Nullable Scorer scorer;

  /** The scorer of this JVM. */
  final synchronized Scorer scorer() {
    Scorer made = scorer;
    if (made == null) {
      made = make();
      scorer = made;
    }
    return made;
  }

  abstract Scorer make();

  /** Called on the driver once no task will ask any more. */
  void close() {}

  /** Scorers are made by the first factory that supports the model: those named, then services. */
  static final class OfModel extends ScorerRecipe {
    private final byte[] model;
    private final ArrayList<OutputKind> kinds;
    private final ArrayList<String> factories;

    OfModel(Model model, List<OutputKind> kinds, List<String> factories) {
      this.model = Portable.bytes(model);
      this.kinds = new ArrayList<>(kinds);
      this.factories = new ArrayList<>(factories);
    }

    @Override
    Scorer make() {
      Model read = (Model) Portable.value(model);
      if (read.structure() instanceof ForeignModel foreign && !Files.exists(foreign.artifact())) {
        throw ScorebatchException.of(
            ErrorCode.MODEL_ARTIFACT_MISSING,
            "An executor has no file " + foreign.artifact() + ".",
            "Runtime '" + foreign.runtime() + "' loads the model from its files.",
            "keep the registry's artifacts where all executors can read them, under one path.");
      }
      return find(factories, read)
          .orElseThrow(() -> SparkFailures.modelUnsupported(read))
          .create(read, kinds);
    }

    /** The factory for a model in this JVM. */
    static Optional<ScorerFactory> find(List<String> names, Model model) {
      ClassLoader loader = ScorerRecipe.class.getClassLoader();
      List<ScorerFactory> all = new ArrayList<>();
      try {
        for (String name : names) {
          all.add(
              Class.forName(name, true, loader)
                  .asSubclass(ScorerFactory.class)
                  .getConstructor()
                  .newInstance());
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("executors lack a scorer factory of the driver", e);
      }
      ServiceLoader.load(ScorerFactory.class, loader).forEach(all::add);
      return all.stream().filter(factory -> factory.supports(model)).findFirst();
    }
  }

  /** For plans none of whose outputs is a score. */
  static final class OfNothing extends ScorerRecipe {
    @Override
    Scorer make() {
      return new Scorer() {
        @Override
        public List<ModelInput> inputs() {
          return List.of();
        }

        @Override
        public List<ScoreColumn> outputs() {
          return List.of();
        }

        @Override
        public void score(ColumnBlock in, ScoreBlock out) {}
      };
    }
  }

  /** A scorer that lives in this JVM only: good for a local master. */
  static final class OfThisJvm extends ScorerRecipe {
    private static final Map<String, Scorer> LIVE = new ConcurrentHashMap<>();

    private final String id = UUID.randomUUID().toString();

    OfThisJvm(Scorer scorer) {
      LIVE.put(id, scorer);
    }

    @Override
    Scorer make() {
      Scorer found = LIVE.get(id);
      if (found == null) {
        throw SparkFailures.scorerCannotTravel();
      }
      return found;
    }

    @Override
    void close() {
      LIVE.remove(id);
    }
  }
}
