package io.scorebatch.api.engine;

import java.nio.file.Path;

/**
 * What a call may use. Immutable.
 *
 * @param memoryBytes memory of the engine itself, beside the Java heap; more than that is spilled
 * @param threads worker threads
 * @param spillFolder where it spills to
 */
public record EngineLimits(long memoryBytes, int threads, Path spillFolder) {}
