/**
 * Artifact folders: bytes to spec and model, one reader per format. Nothing found in a folder is
 * executed.
 */
@NullMarked
package io.scorebatch.artifact;

import org.jspecify.annotations.NullMarked;
