/** Catalogs of Delta tables: snapshots to read and atomic commits, through Delta Kernel. */
@NullMarked
package io.scorebatch.table.delta;

import org.jspecify.annotations.NullMarked;
