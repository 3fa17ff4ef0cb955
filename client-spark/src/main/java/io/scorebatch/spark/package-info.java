/** Scorebatch for people who live in Spark. */
@NullMarked
package io.scorebatch.spark;

import org.jspecify.annotations.NullMarked;
