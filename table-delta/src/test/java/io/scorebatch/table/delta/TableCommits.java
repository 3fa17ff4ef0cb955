package io.scorebatch.table.delta;

import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit;
import io.scorebatch.api.table.TableCommit.Mode;
import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.type.Schema;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Commits as tests write them. */
final class TableCommits {
  private TableCommits() {}

  static TableCommit append(TableName table, Schema schema, StagedFile... files) {
    return of(table, schema, Mode.APPEND, files);
  }

  static TableCommit overwrite(TableName table, Schema schema, StagedFile... files) {
    return of(table, schema, Mode.OVERWRITE, files);
  }

  private static TableCommit of(TableName table, Schema schema, Mode mode, StagedFile... files) {
    return new TableCommit(
        table, schema, mode, List.of(files), null, Map.of(), Optional.empty(), "scorebatch-test");
  }

  static TableCommit as(TransactionId transaction, TableCommit commit) {
    return new TableCommit(
        commit.table(),
        commit.schema(),
        commit.mode(),
        commit.files(),
        commit.comment(),
        commit.properties(),
        Optional.of(transaction),
        commit.engineInfo());
  }

  static TableCommit withProperties(TableCommit commit, Map<String, String> properties) {
    return new TableCommit(
        commit.table(),
        commit.schema(),
        commit.mode(),
        commit.files(),
        commit.comment(),
        properties,
        commit.transaction(),
        commit.engineInfo());
  }
}
