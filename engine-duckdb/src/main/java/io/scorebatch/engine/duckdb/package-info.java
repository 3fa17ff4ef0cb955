/** Carries out scoring plans and queries with DuckDB, embedded. */
@NullMarked
package io.scorebatch.engine.duckdb;

import org.jspecify.annotations.NullMarked;
