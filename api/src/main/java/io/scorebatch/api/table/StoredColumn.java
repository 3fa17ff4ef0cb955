package io.scorebatch.api.table;

import io.scorebatch.api.type.Column;
import java.util.OptionalInt;

/**
 * A column as a table's files hold it.
 *
 * @param column name and type as readers see them
 * @param physicalName the name in the Parquet files; differs under Delta column mapping
 * @param fieldId the Parquet field id, where files are to be matched by it (column mapping mode id)
 */
public record StoredColumn(Column column, String physicalName, OptionalInt fieldId) {}
