package io.scorebatch.table.delta;

import io.delta.kernel.internal.SnapshotImpl;
import io.delta.kernel.internal.TableConfig;
import io.delta.kernel.internal.TransactionImpl;
import io.delta.kernel.internal.actions.Format;
import io.delta.kernel.internal.actions.Metadata;
import io.delta.kernel.internal.actions.Protocol;
import io.delta.kernel.internal.tablefeatures.TableFeature;
import io.delta.kernel.internal.tablefeatures.TableFeatures;
import io.delta.kernel.internal.util.SchemaUtils;
import io.delta.kernel.internal.util.Tuple2;
import io.delta.kernel.internal.util.VectorUtils;
import io.delta.kernel.types.StringType;
import io.delta.kernel.types.StructType;
import io.scorebatch.api.table.TableCommit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/** What the log says of a table besides its files. Immutable. */
record TableState(Protocol protocol, Metadata metadata) {
  static TableState of(SnapshotImpl snapshot) {
    return new TableState(snapshot.getProtocol(), snapshot.getMetadata());
  }

  static TableState none() {
    return new TableState(
        new Protocol(TransactionImpl.DEFAULT_READ_VERSION, TransactionImpl.DEFAULT_WRITE_VERSION),
        metadata(
            UUID.randomUUID().toString(),
            Optional.empty(),
            Optional.empty(),
            new StructType(),
            List.of(),
            Optional.of(System.currentTimeMillis()),
            Map.of()));
  }

  /** The state with a commit's schema, comment and properties, and what those require. */
  TableState with(TableCommit commit, List<String> partitions) {
    StructType schema = DeltaTypes.toDelta(commit.schema());
    SchemaUtils.validatePartitionColumns(schema, partitions);
    return with(commit, schema, partitions);
  }

  /** The state with a commit's comment and properties, and what those require. */
  TableState describedBy(TableCommit commit) {
    return with(
        commit, metadata.getSchema(), VectorUtils.toJavaList(metadata.getPartitionColumns()));
  }

  private TableState with(TableCommit commit, StructType schema, List<String> partitions) {
    Map<String, String> properties = new HashMap<>(metadata.getConfiguration());
    properties.putAll(TableConfig.validateAndNormalizeDeltaProperties(commit.properties()));
    Metadata wanted =
        metadata(
            metadata.getId(),
            metadata.getName(),
            Optional.ofNullable(commit.comment()).or(metadata::getDescription),
            schema,
            partitions,
            metadata.getCreatedTime(),
            properties);
    Tuple2<Set<TableFeature>, Optional<Metadata>> asked =
        TableFeatures.extractFeaturePropertyOverrides(wanted);
    Metadata cleaned = asked._2.orElse(wanted);
    Protocol upgraded =
        TableFeatures.autoUpgradeProtocolBasedOnMetadata(cleaned, asked._1, protocol)
            .map(upgrade -> upgrade._1)
            .orElse(protocol);
    return new TableState(upgraded, cleaned);
  }

  boolean sameMetadata(TableState other) {
    return metadata.getSchema().equals(other.metadata.getSchema())
        && metadata.getDescription().equals(other.metadata.getDescription())
        && metadata.getConfiguration().equals(other.metadata.getConfiguration())
        && VectorUtils.toJavaList(metadata.getPartitionColumns())
            .equals(VectorUtils.toJavaList(other.metadata.getPartitionColumns()));
  }

  private static Metadata metadata(
      String id,
      Optional<String> name,
      Optional<String> comment,
      StructType schema,
      List<String> partitions,
      Optional<Long> created,
      Map<String, String> properties) {
    return new Metadata(
        id,
        name,
        comment,
        new Format(),
        schema.toJson(),
        schema,
        VectorUtils.buildArrayValue(partitions, StringType.STRING),
        created,
        VectorUtils.stringStringMapValue(properties));
  }
}
