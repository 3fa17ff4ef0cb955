/** Contract suites and the place of the fixtures, for the tests of the other rooms. */
@NullMarked
package io.scorebatch.testing;

import org.jspecify.annotations.NullMarked;
