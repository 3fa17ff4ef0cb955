/** The front door for Java: score_batch, pipelines and SQL with all rooms wired. */
@NullMarked
package io.scorebatch.client;

import org.jspecify.annotations.NullMarked;
