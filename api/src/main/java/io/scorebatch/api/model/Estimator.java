package io.scorebatch.api.model;

/**
 * A native model, or a part of one, as data: the vocabulary that readers of all libraries translate
 * into and that the kernel computes.
 */
public non-sealed interface Estimator extends ModelStructure {}
