/** What is to be scored, decided before one row is read. */
@NullMarked
package io.scorebatch.api.plan;

import org.jspecify.annotations.NullMarked;
