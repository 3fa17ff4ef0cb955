/** The packaged program on a temporary lake, and the rules the rooms obey. */
@NullMarked
package io.scorebatch.e2e;

import org.jspecify.annotations.NullMarked;
