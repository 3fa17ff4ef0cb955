/** What readers of all libraries make: a model with its notes, and trees as flat arrays. */
@NullMarked
package io.scorebatch.artifact.model;

import org.jspecify.annotations.NullMarked;
