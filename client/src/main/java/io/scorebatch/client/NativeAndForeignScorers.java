package io.scorebatch.client;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.OutputKind;
import io.scorebatch.api.model.Scorer;
import io.scorebatch.api.model.ScorerFactory;
import io.scorebatch.kernel.NativeScorerFactory;
import io.scorebatch.model.python.PythonScorerFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;

/** Native scorers first, then those of foreign runtimes on the class path. Thread-safe. */
final class NativeAndForeignScorers implements ScorerFactory {
  private final List<ScorerFactory> factories = new ArrayList<>();

  NativeAndForeignScorers(Python python) {
    factories.add(new NativeScorerFactory());
    factories.add(new PythonScorerFactory(python.settings()));
    ServiceLoader.load(ScorerFactory.class).stream()
        .filter(provider -> provider.type() != PythonScorerFactory.class)
        .forEach(provider -> factories.add(provider.get()));
  }

  @Override
  public boolean supports(Model model) {
    return factories.stream().anyMatch(factory -> factory.supports(model));
  }

  @Override
  public Scorer create(Model model, List<OutputKind> kinds) {
    for (ScorerFactory factory : factories) {
      if (factory.supports(model)) {
        return factory.create(model, kinds);
      }
    }
    String why =
        model.structure() instanceof ForeignModel foreign
            ? foreign
                .attributes()
                .getOrDefault("reason", "It needs the runtime '" + foreign.runtime() + "'.")
            : "No scorer knows it.";
    throw ScorebatchException.of(
        ErrorCode.MODEL_UNSUPPORTED,
        "Model class "
            + model.origin().className()
            + " ("
            + model.origin().library()
            + " "
            + model.origin().version()
            + ") cannot be scored.",
        why,
        "see docs/models.md for what is supported.");
  }
}
