package io.scorebatch.pipeline.config;

import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import java.time.Duration;
import java.util.Optional;

/**
 * How the look-ups of a model are made. Immutable.
 *
 * @param duplicates what to do with keys a feature table holds twice
 * @param lookback how old a feature may be, in place of what the model was logged with
 * @param evidence whether the prediction table gets a column that tells what each look-up found
 */
public record LookupSpec(DuplicateKeys duplicates, Optional<Duration> lookback, boolean evidence) {}
