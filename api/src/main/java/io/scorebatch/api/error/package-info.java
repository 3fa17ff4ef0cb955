/** Problems as people read them: what, why, what to do; a stable code and a kind each. */
@NullMarked
package io.scorebatch.api.error;

import org.jspecify.annotations.NullMarked;
