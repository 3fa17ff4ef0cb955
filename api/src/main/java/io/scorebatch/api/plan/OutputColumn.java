package io.scorebatch.api.plan;

import io.scorebatch.api.type.Column;

/** A column of the prediction table and where its values come from. */
public record OutputColumn(Column column, OutputValue value) {}
