package io.scorebatch.table.delta;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.delta.kernel.commit.CommitFailedException;
import io.delta.kernel.commit.CommitMetadata;
import io.delta.kernel.commit.CommitResponse;
import io.delta.kernel.commit.Committer;
import io.delta.kernel.data.Row;
import io.delta.kernel.engine.Engine;
import io.delta.kernel.internal.files.ParsedPublishedDeltaData;
import io.delta.kernel.internal.util.FileNames;
import io.delta.kernel.utils.CloseableIterator;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.TableName;
import java.io.BufferedReader;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStreamReader;

/**
 * Puts a version into the log, if it is absent, and settles at once what an error means: the
 * version carries the transaction's own id, so that one look tells whether it was ours, another's
 * or none. Immutable.
 */
record LogCommitter(TableName table, Storage storage) implements Committer {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Override
  public CommitResponse commit(
      Engine engine, CloseableIterator<Row> finalizedActions, CommitMetadata commit)
      throws CommitFailedException {
    String file = FileNames.deltaFile(commit.getDeltaLogDirPath(), commit.getVersion());
    try {
      try {
        engine.getJsonHandler().writeJsonFileAtomically(file, finalizedActions, false);
      } catch (IOException | ScorebatchException e) {
        // A name that is taken may be ours: an answer was lost, and the request made again.
        switch (owner(file, commit, e)) {
          case OURS -> {}
          case ANOTHER -> throw conflict(commit, e);
          case NOBODY -> {
            if (e instanceof ScorebatchException known) {
              throw known;
            }
            throw TableErrors.notWritten(table, e);
          }
        }
      }
      return new CommitResponse(
          ParsedPublishedDeltaData.forFileStatus(engine.getFileSystemClient().getFileStatus(file)));
    } catch (IOException e) {
      throw TableErrors.commitStateUnknown(table, commit.getVersion(), e);
    }
  }

  private enum Owner {
    OURS,
    ANOTHER,
    NOBODY
  }

  private Owner owner(String file, CommitMetadata commit, Exception failure) {
    String own = commit.getCommitInfo().getTxnId().orElse("");
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(storage.newInputFile(file, -1).newStream(), UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        JsonNode info = JSON.readTree(line).path("commitInfo");
        if (!info.isMissingNode()) {
          return info.path("txnId").asText().equals(own) ? Owner.OURS : Owner.ANOTHER;
        }
      }
      return Owner.ANOTHER;
    } catch (FileNotFoundException e) {
      return Owner.NOBODY;
    } catch (IOException | ScorebatchException e) {
      failure.addSuppressed(e);
      throw TableErrors.commitStateUnknown(table, commit.getVersion(), failure);
    }
  }

  private static CommitFailedException conflict(CommitMetadata commit, Exception cause) {
    return new CommitFailedException(
        true, true, "version " + commit.getVersion() + " was written by another", cause);
  }
}
