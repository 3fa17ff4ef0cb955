/** Tables by three-part name: snapshots to read, staged files to commit. */
@NullMarked
package io.scorebatch.api.table;

import org.jspecify.annotations.NullMarked;
