/** Results of a run, and who listens to it. */
@NullMarked
package io.scorebatch.api.run;

import org.jspecify.annotations.NullMarked;
