/** The health monitor of a data platform: the reference workload, written to a folder. */
@NullMarked
package io.scorebatch.examples.healthmonitor;

import org.jspecify.annotations.NullMarked;
