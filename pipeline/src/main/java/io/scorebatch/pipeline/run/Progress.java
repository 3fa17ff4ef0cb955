package io.scorebatch.pipeline.run;

import io.scorebatch.api.error.Problem;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.registry.ResolvedModel;
import io.scorebatch.api.run.Attempt;
import io.scorebatch.api.run.Audit;
import io.scorebatch.api.run.GateResult;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What became known while a model ran. One thread. */
final class Progress {
  @Nullable ResolvedModel resolved;
  @Nullable ModelPackage model;
  @Nullable String method;
  final List<Problem> problems = new ArrayList<>();
  final List<String> notes = new ArrayList<>();
  final List<Attempt> attempts = new ArrayList<>();

  /** Of the batch judged last. */
  List<GateResult> gates = List.of();

  Optional<String> staged = Optional.empty();
  Optional<String> profile = Optional.empty();

  Audit audit() {
    return new Audit(gates, attempts, profile, staged);
  }
}
