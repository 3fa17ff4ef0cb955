package io.scorebatch.pipeline.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.plan.OnDemandFunction;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.ArrayOf;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FunctionClassesTest {
  /** Adds one. */
  public static class Next implements OnDemandFunction {
    @Override
    public Schema parameters() {
      return Schema.of(Column.of("x", Primitive.LONG));
    }

    @Override
    public ColumnType result() {
      return Primitive.LONG;
    }

    @Override
    public @Nullable Object apply(List<@Nullable Object> arguments) {
      Long x = (Long) arguments.get(0);
      return x == null ? null : x + 1;
    }
  }

  /** Gives lists. */
  public static final class Lists extends Next {
    @Override
    public ColumnType result() {
      return new ArrayOf(Primitive.LONG);
    }
  }

  /** Cannot be made without a parameter. */
  public static final class Closed extends Next {
    public Closed(int start) {
      assertThat(start).isNotNegative();
    }
  }

  @Test
  void aClassIsLoadedByTheNameTheUserGave() {
    assertThat(FunctionClasses.load(Map.of("main.fn.next", Next.class.getName())))
        .hasEntrySatisfying(
            "main.fn.next", next -> assertThat(next.apply(List.of(41L))).isEqualTo(42L));
  }

  @Test
  void allClassesThatCannotServeAreToldTogether() {
    Map<String, String> classes = new LinkedHashMap<>();
    classes.put("main.fn.gone", "com.acme.Gone");
    classes.put("main.fn.text", "java.lang.String");
    classes.put("main.fn.lists", Lists.class.getName());
    classes.put("main.fn.closed", Closed.class.getName());
    assertThatThrownBy(() -> FunctionClasses.load(classes))
        .hasMessageContaining("Function 'main.fn.gone' cannot be the Java class 'com.acme.Gone'.")
        .hasMessageContaining("It is not on the class path")
        .hasMessageContaining("SCOREBATCH_CLASSPATH")
        .hasMessageContaining("'java.lang.String'. It does not implement OnDemandFunction.")
        .hasMessageContaining("cannot be passed: its result is array<bigint>.")
        .hasMessageContaining("It has no public constructor without parameters.");
  }
}
