package io.scorebatch.pipeline.run;

import io.scorebatch.api.engine.ScoringEngine;
import io.scorebatch.api.model.ModelReader;
import io.scorebatch.api.model.ScorerFactory;
import io.scorebatch.api.registry.ModelRegistry;
import io.scorebatch.api.table.TableStore;
import java.nio.file.Path;
import java.util.function.Function;

/**
 * The parts a run works with, each behind its contract.
 *
 * @param recordings compares models with recorded rows
 * @param localTables opens a catalog of tables in a local folder
 */
public record Rooms(
    ModelRegistry registry,
    ModelReader reader,
    ScorerFactory scorers,
    TableStore tables,
    ScoringEngine engine,
    Certificates certificates,
    Recordings recordings,
    Function<Path, TableStore> localTables) {}
