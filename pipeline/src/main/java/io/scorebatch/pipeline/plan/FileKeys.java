package io.scorebatch.pipeline.plan;

import io.scorebatch.api.model.ModelInput;
import io.scorebatch.api.model.ModelPackage;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.spec.SpecColumn;
import io.scorebatch.api.spec.SpecColumn.Looked;
import io.scorebatch.api.spec.SpecColumn.Requested;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.ColumnType.Primitive;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The types of the columns of a key file. What a text file looks like never decides: a column has
 * the type of what it is matched with, so {@code 007} keeps its zeros where the table's key is
 * text.
 */
public final class FileKeys {
  private FileKeys() {}

  /**
   * @param file the file, with its columns as they were found
   * @param model the model the keys are for
   * @param tables finds a feature table by the name the spec gives it; empty where it is not there
   * @return the file with its columns in the types they are to be read in. Parquet keeps its own; a
   *     CSV column without counterpart is text; a JSON column without counterpart, or holding
   *     values of another kind than it, stays as found
   */
  public static KeySource.File typed(
      KeySource.File file, ModelPackage model, Function<String, Optional<TableSnapshot>> tables) {
    return typed(file, wanted(model, tables), Optional.of(Primitive.STRING));
  }

  /**
   * The same for the rows of a training set, whose other columns are features and labels: these
   * stay as found in CSV too.
   */
  static KeySource.File typed(KeySource.File file, Map<String, ColumnType> keys) {
    return typed(file, keys, Optional.empty());
  }

  private static KeySource.File typed(
      KeySource.File file, Map<String, ColumnType> wanted, Optional<ColumnType> otherwiseInCsv) {
    if (file.format() == KeySource.File.Format.PARQUET) {
      return file;
    }
    boolean csv = file.format() == KeySource.File.Format.CSV;
    List<Column> columns =
        file.columns().stream()
            .map(
                found -> {
                  ColumnType type = wanted.get(found.name());
                  if (csv) {
                    ColumnType otherwise = otherwiseInCsv.orElse(found.type());
                    return Column.of(found.name(), type == null ? otherwise : type);
                  }
                  return type != null && sameInJson(found.type(), type)
                      ? Column.of(found.name(), type)
                      : found;
                })
            .toList();
    return new KeySource.File(file.path(), file.format(), columns);
  }

  private static Map<String, ColumnType> wanted(
      ModelPackage model, Function<String, Optional<TableSnapshot>> tables) {
    Map<String, ColumnType> wanted = new HashMap<>();
    for (ModelInput input : model.model().inputs()) {
      wanted.put(input.name(), input.text() ? Primitive.STRING : Primitive.DOUBLE);
    }
    List<SpecColumn> columns = model.featureSpec().map(spec -> spec.columns()).orElse(List.of());
    for (SpecColumn column : columns) {
      if (column instanceof Requested && column.dataType() != null) {
        wanted.put(column.name(), column.dataType());
      }
      if (column instanceof Looked looked) {
        tables
            .apply(looked.table())
            .flatMap(table -> table.schema().find(looked.feature()))
            .ifPresent(feature -> wanted.put(looked.name(), feature.type()));
      }
    }
    // Keys last: what a column is matched with comes before what it is declared as.
    for (SpecColumn column : columns) {
      if (column instanceof Looked looked) {
        tables
            .apply(looked.table())
            .map(t -> TableKeys.types(t, looked.lookupKey(), looked.timestampLookupKey()))
            .ifPresent(wanted::putAll);
      }
    }
    return wanted;
  }

  /** Whether JSON writes both types in one way: as a number, or as text. */
  private static boolean sameInJson(ColumnType found, ColumnType wanted) {
    return found.isNumeric() == wanted.isNumeric()
        && (found == Primitive.BOOLEAN) == (wanted == Primitive.BOOLEAN)
        && !(found instanceof ColumnType.ArrayOf)
        && !(found instanceof ColumnType.MapOf)
        && !(found instanceof ColumnType.StructOf);
  }
}
