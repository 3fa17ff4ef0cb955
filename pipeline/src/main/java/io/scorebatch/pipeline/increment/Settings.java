package io.scorebatch.pipeline.increment;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.scorebatch.pipeline.config.IncrementalSpec;
import io.scorebatch.pipeline.config.IncrementalSpec.By;
import io.scorebatch.pipeline.config.IncrementalSpec.OnNewModel;
import io.scorebatch.pipeline.config.KeySpec;
import io.scorebatch.pipeline.config.ModelSpec;
import io.scorebatch.pipeline.config.PipelineSpec;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeMap;

/** The settings of a model that change its predictions, as a hash. */
public final class Settings {
  private Settings() {}

  /** 32 hexadecimal digits; others as soon as a setting differs that predictions depend on. */
  public static String hash(ModelSpec model, PipelineSpec pipeline) {
    KeySpec keys = model.keys();
    List<String> parts = new ArrayList<>();
    parts.add(model.modelName());
    parts.add(model.scoring().name());
    parts.add(keys.featureTable().toString());
    parts.add(keys.source().toString());
    parts.add(keys.idColumns().toString());
    parts.add(keys.passthrough().toString());
    parts.add(keys.featureColumns().toString());
    parts.add(model.prediction().type().name());
    parts.add(model.prediction().outputKind().toString());
    parts.add(model.prediction().alias().toString());
    parts.add(Double.toString(model.prediction().threshold()));
    parts.add(model.lookups().duplicates().name());
    parts.add(model.lookups().lookback().toString());
    parts.add(Boolean.toString(model.lookups().evidence()));
    parts.add(pipeline.catalog() + "." + pipeline.schema());
    parts.add(new TreeMap<>(pipeline.functions()).toString());
    parts.add(new TreeMap<>(pipeline.javaFunctions()).toString());
    boolean fingerprints = model.incremental().filter(i -> i.by() == By.CONTENT).isPresent();
    parts.add(Boolean.toString(fingerprints));
    return HexFormat.of().formatHex(digest(parts), 0, 16);
  }

  /**
   * What a row's fingerprint starts from: the settings, and the model where another one is to score
   * old rows anew.
   */
  public static long salt(IncrementalSpec incremental, String settings, String modelDigest) {
    boolean modelCounts = incremental.onNewModel() == OnNewModel.FULL;
    return ByteBuffer.wrap(digest(List.of(settings, modelCounts ? modelDigest : ""))).getLong();
  }

  private static byte[] digest(List<String> parts) {
    try {
      MessageDigest sha = MessageDigest.getInstance("SHA-256");
      for (String part : parts) {
        byte[] bytes = part.getBytes(UTF_8);
        sha.update(ByteBuffer.allocate(4).putInt(bytes.length).array());
        sha.update(bytes);
      }
      return sha.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
