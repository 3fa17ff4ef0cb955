package io.scorebatch.api.spec;

import org.jspecify.annotations.Nullable;

/**
 * A feature table a spec names.
 *
 * @param name three-part name
 * @param tableId the table's id when the model was logged; null where not recorded
 * @param lookbackSeconds how old a feature may be, inclusive; null for any age
 */
public record FeatureTable(
    String name, @Nullable String tableId, @Nullable Double lookbackSeconds) {}
