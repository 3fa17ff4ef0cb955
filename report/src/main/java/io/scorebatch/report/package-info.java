/** Run results and query rows, as people and programs read them: one printer a format. */
@NullMarked
package io.scorebatch.report;

import org.jspecify.annotations.NullMarked;
