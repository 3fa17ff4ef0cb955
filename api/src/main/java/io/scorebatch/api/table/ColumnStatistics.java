package io.scorebatch.api.table;

import org.jspecify.annotations.Nullable;

/**
 * Statistics of a column in one data file.
 *
 * @param min smallest value (Long, Double, BigDecimal, String, Boolean, LocalDate or Instant); null
 *     where unknown or not safe to use (NaN in the column)
 * @param max largest value; null as for min
 * @param nullCount number of NULLs
 */
public record ColumnStatistics(@Nullable Object min, @Nullable Object max, long nullCount) {}
