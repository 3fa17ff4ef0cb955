/** One class of ours that must live beside the driver's private bindings. */
package org.duckdb;
