package io.scorebatch.pipeline.config;

import java.util.OptionalDouble;

/**
 * A limit.
 *
 * @param fail beyond it nothing is committed
 * @param warn beyond it the results say so
 */
public record Limit(OptionalDouble fail, OptionalDouble warn) {}
