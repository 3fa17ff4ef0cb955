/** The command line: picocli commands, each a few lines. */
@NullMarked
package io.scorebatch.cli;

import org.jspecify.annotations.NullMarked;
