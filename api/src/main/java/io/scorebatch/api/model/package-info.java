/** A trained model as inert data, its signature, and the contract of a scorer. */
@NullMarked
package io.scorebatch.api.model;

import org.jspecify.annotations.NullMarked;
