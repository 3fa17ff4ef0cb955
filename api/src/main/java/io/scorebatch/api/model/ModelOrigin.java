package io.scorebatch.api.model;

/**
 * Where a model comes from: printed by {@code inspect} and kept with every batch of predictions.
 *
 * @param library {@code scikit-learn}, {@code xgboost}, {@code lightgbm} …
 * @param version version that trained it, {@code unknown} where the file does not say
 * @param className fully qualified Python class the file was logged as
 * @param format {@code pickle}, {@code skops}, {@code xgboost-ubj} …
 */
public record ModelOrigin(String library, String version, String className, String format) {}
