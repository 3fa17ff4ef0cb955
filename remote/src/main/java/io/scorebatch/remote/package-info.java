/**
 * How other machines are reached: servers that answer JSON, and object stores that speak S3; with
 * whose credentials, how patiently, and what their failures mean in words.
 */
@NullMarked
package io.scorebatch.remote;

import org.jspecify.annotations.NullMarked;
