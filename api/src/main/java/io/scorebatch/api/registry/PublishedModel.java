package io.scorebatch.api.registry;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A version that was registered. Immutable.
 *
 * @param name registered name
 * @param version its number
 * @param location where its files are, as the registry keeps it
 * @param alias the alias that now points at it
 * @param runId the run it belongs to; null where it has none
 */
public record PublishedModel(
    String name, int version, String location, Optional<String> alias, @Nullable String runId) {
  /** {@code models:/name/3}. */
  public String uri() {
    return "models:/" + name + "/" + version;
  }
}
