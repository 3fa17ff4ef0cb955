/** Models that only Python can score: a pool of local processes, data crossing as Arrow. */
@NullMarked
package io.scorebatch.model.python;

import org.jspecify.annotations.NullMarked;
