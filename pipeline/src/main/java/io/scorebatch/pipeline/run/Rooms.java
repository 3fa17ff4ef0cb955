package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.model.ModelReader;
import io.scorebatch.api.model.ScorerFactory;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.table.TableStore;

/** The parts a run works with, each behind its contract. */
public record Rooms(
    ModelRegistry registry,
    ModelReader reader,
    ScorerFactory scorers,
    TableStore tables,
    ScoringEngine engine,
    Certificates certificates) {}
