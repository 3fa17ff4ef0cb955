/** Carries out scoring plans and queries on Apache Spark. */
@NullMarked
package io.scorebatch.engine.spark;

import org.jspecify.annotations.NullMarked;
