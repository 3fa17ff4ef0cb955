package io.scorebatch.table.delta;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType;
import io.scorebatch.api.type.Schema;

/** A column as a Unity Catalog is told of it. */
final class RegisteredColumn {
  private static final ObjectMapper JSON = new ObjectMapper();

  private RegisteredColumn() {}

  static ObjectNode json(Column column, int position) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("name", column.name())
            .put("type_text", column.type().sparkName())
            .put("type_json", field(column))
            .put("type_name", typeName(column.type()))
            .put("position", position)
            .put("nullable", column.nullable());
    if (column.type() instanceof ColumnType.Decimal decimal) {
      json.put("type_precision", decimal.precision()).put("type_scale", decimal.scale());
    }
    if (column.comment() != null) {
      json.put("comment", column.comment());
    }
    return json;
  }

  private static String typeName(ColumnType type) {
    if (type instanceof ColumnType.Primitive primitive) {
      return primitive.name();
    }
    if (type instanceof ColumnType.Decimal) {
      return "DECIMAL";
    }
    if (type instanceof ColumnType.ArrayOf) {
      return "ARRAY";
    }
    return type instanceof ColumnType.MapOf ? "MAP" : "STRUCT";
  }

  /** As Spark writes a field. */
  private static String field(Column column) {
    try {
      String schema = DeltaTypes.toDelta(Schema.of(column)).toJson();
      return JSON.readTree(schema).path("fields").path(0).toString();
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("the kernel wrote no JSON", e);
    }
  }
}
