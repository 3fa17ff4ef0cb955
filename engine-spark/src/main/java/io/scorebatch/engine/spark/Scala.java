package io.scorebatch.engine.spark;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import scala.Function0;
import scala.PartialFunction;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;
import scala.runtime.AbstractFunction0;
import scala.runtime.AbstractPartialFunction;

/** Values as Spark's own code, which is Scala, takes them. */
final class Scala {
  private Scala() {}

  static <T> Seq<T> seq(List<T> list) {
    return CollectionConverters.asScala(list).toSeq();
  }

  static <T> List<T> list(scala.collection.Seq<T> seq) {
    return CollectionConverters.asJava(seq);
  }

  static <K, V> scala.collection.immutable.Map<K, V> map(Map<K, V> map) {
    return scala.collection.immutable.Map.from(CollectionConverters.asScala(map));
  }

  static <T> Function0<T> call(Supplier<T> supplier) {
    return new AbstractFunction0<>() {
      @Override
      public T apply() {
        return supplier.get();
      }
    };
  }

  /** A rewriting of some nodes of a tree; those left alone come back as they are. */
  static <T> PartialFunction<T, T> rewrite(Function<T, T> function) {
    return new AbstractPartialFunction<>() {
      @Override
      public boolean isDefinedAt(T node) {
        return true;
      }

      @Override
      public T apply(T node) {
        return function.apply(node);
      }
    };
  }
}
