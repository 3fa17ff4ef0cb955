/** How fast the kernel is. Nothing here is published. */
@NullMarked
package io.scorebatch.benchmark;

import org.jspecify.annotations.NullMarked;
