package io.scorebatch.api.model;

/**
 * A native model, or a part of one, as data: the vocabulary that readers of all libraries translate
 * into and that the kernel computes. Each record states its formula, the order of operations and
 * the precision; where a library rounds in between, so does the kernel.
 *
 * <p>Common rules. An estimator reads a row of {@code double} (or text) columns and works out a
 * vector of raw scores; its {@link Response} says how they become answers. Whatever is constant per
 * leaf is folded into the leaf by the reader (learning rate, class shares, DART weights), because
 * one multiplication rounds the same way wherever it happens. Input checks are a step of their own,
 * {@link Transform.Check}. Arrays in these records belong to the record: nobody changes them.
 * Constructors refuse what cannot be computed with {@link IllegalArgumentException}.
 */
public sealed interface Estimator extends ModelStructure
    permits AdaBoost,
        Averaging,
        BoostedLinearModel,
        Calibrated,
        ClassGroups,
        ClusterCentres,
        Constant,
        GaussianNaiveBayes,
        IsolationForest,
        LinearModel,
        LocalOutlierFactor,
        MahalanobisOutlier,
        MultiOutput,
        NearestNeighbours,
        NeuralNetwork,
        Pipeline,
        PrincipalComponents,
        SupportVectorMachine,
        Transformation,
        TransformedTarget,
        TreeEnsemble {}
