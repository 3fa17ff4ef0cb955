package io.scorebatch.model.catboost;

import io.scorebatch.api.model.ForeignModel;
import io.scorebatch.api.model.ForeignModelReader;
import io.scorebatch.api.model.LoggedModel;
import io.scorebatch.api.model.Model;
import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelOrigin;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads features, classes and output kinds of a CatBoost file ({@code cbm}) through CatBoost's own
 * library. Stateless.
 */
public final class CatBoostModelReader implements ForeignModelReader {
  /** The id of this runtime in {@link ForeignModel#runtime()}. */
  public static final String RUNTIME = "catboost";

  /** The Python class the model was logged as, which decides what predict answers. */
  static final String MODEL_TYPE = "model_type";

  @Override
  public String runtime() {
    return RUNTIME;
  }

  @Override
  public Model complete(Model model, LoggedModel logged) {
    ForeignModel foreign = (ForeignModel) model.structure();
    Map<String, String> flavor = logged.flavors().getOrDefault(RUNTIME, Map.of());
    Map<String, String> attributes = new HashMap<>(foreign.attributes());
    if (flavor.containsKey(MODEL_TYPE)) {
      attributes.putIfAbsent(MODEL_TYPE, flavor.get(MODEL_TYPE));
    }
    String wrapper = attributes.getOrDefault(MODEL_TYPE, "");
    try (CatBoostFile file = CatBoostFile.load(foreign.artifact(), wrapper)) {
      return new Model(
          new ModelOrigin(
              "catboost",
              file.version(),
              wrapper.isEmpty() ? "catboost" : "catboost.core." + wrapper,
              "cbm"),
          file.task(),
          inputs(file, model),
          file.namesKnown() || model.namesKnown(),
          file.labels(),
          file.columns().keySet(),
          new ForeignModel(RUNTIME, foreign.artifact(), attributes));
    }
  }

  /** The file's own features; where it has no names, those that are known from elsewhere. */
  static List<ModelInput> inputs(CatBoostFile file, Model model) {
    List<ModelInput> own = file.inputs();
    if (file.namesKnown() || model.inputs().isEmpty()) {
      return own;
    }
    if (model.inputs().size() != own.size()) {
      throw CatBoostErrors.inputsDiffer(file.path(), own.size(), model.inputs().size());
    }
    List<ModelInput> named = new ArrayList<>();
    for (int i = 0; i < own.size(); i++) {
      named.add(new ModelInput(model.inputs().get(i).name(), own.get(i).text()));
    }
    return named;
  }
}
