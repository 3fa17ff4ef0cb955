package io.scorebatch.api.model;

/** How a model computes: native estimators as data, or a file for a foreign runtime. */
public sealed interface ModelStructure permits Estimator, ForeignModel {}
