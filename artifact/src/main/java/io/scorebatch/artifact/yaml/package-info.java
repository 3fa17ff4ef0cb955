/** YAML files of other programs as inert trees, within limits. */
@NullMarked
package io.scorebatch.artifact.yaml;

import org.jspecify.annotations.NullMarked;
