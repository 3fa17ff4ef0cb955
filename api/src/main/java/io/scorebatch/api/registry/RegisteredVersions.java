package io.scorebatch.api.registry;

import java.util.List;
import java.util.Map;

/**
 * The versions of a registered model. Immutable.
 *
 * @param versions numbers, the lowest first
 * @param aliases version of each alias
 */
public record RegisteredVersions(List<Integer> versions, Map<String, Integer> aliases) {
  public RegisteredVersions {
    versions = List.copyOf(versions);
    aliases = Map.copyOf(aliases);
  }
}
