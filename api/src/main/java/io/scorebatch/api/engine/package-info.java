/** The contract of an engine that carries out a plan. */
@NullMarked
package io.scorebatch.api.engine;

import org.jspecify.annotations.NullMarked;
