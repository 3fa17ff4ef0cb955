/**
 * What a scored batch is held against before it is published. Pure: it reads and writes nothing.
 */
@NullMarked
package io.scorebatch.pipeline.gate;

import org.jspecify.annotations.NullMarked;
