/** Column types and schemas, in the words of Delta and Spark. */
@NullMarked
package io.scorebatch.api.type;

import org.jspecify.annotations.NullMarked;
