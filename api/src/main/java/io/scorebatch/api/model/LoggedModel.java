package io.scorebatch.api.model;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An {@code MLmodel} file. Immutable.
 *
 * @param folder the folder that holds it
 * @param loaderModule of the python_function flavor; null where there is none
 * @param predictFn of the python_function flavor ({@code predict_proba} …); null for {@code
 *     predict}
 * @param flavors scalar settings of each flavor, in file order
 * @param signature the signature, where there is one
 * @param mlflowVersion the MLflow that wrote it; null where the file does not say
 * @param modelId {@code m-…}; null before MLflow 3
 * @param runId the run that logged it; null where none
 */
public record LoggedModel(
    Path folder,
    @Nullable String loaderModule,
    @Nullable String predictFn,
    Map<String, Map<String, String>> flavors,
    Optional<Signature> signature,
    @Nullable String mlflowVersion,
    @Nullable String modelId,
    @Nullable String runId) {}
