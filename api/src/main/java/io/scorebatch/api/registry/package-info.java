/** From a model URI to a pinned version and its artifact folder. */
@NullMarked
package io.scorebatch.api.registry;

import org.jspecify.annotations.NullMarked;
