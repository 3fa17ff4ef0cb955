package io.scorebatch.table.delta;

import static io.scorebatch.table.delta.TableCommits.append;
import static io.scorebatch.table.delta.TableCommits.as;
import static io.scorebatch.table.delta.TableCommits.overwrite;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableCommit.TransactionId;
import io.scorebatch.api.table.TableName;
import io.scorebatch.api.type.Column;
import io.scorebatch.api.type.ColumnType.Primitive;
import io.scorebatch.api.type.Schema;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits that meet another writer, or a disk that fails. */
class CommitTest {
  private static final TableName TABLE = new TableName("main", "ml", "scores");
  private static final Schema SCHEMA = Schema.of(Column.of("id", Primitive.LONG));

  @TempDir Path root;

  private DirectoryCatalog catalog;

  @BeforeEach
  void makeTable() {
    catalog = DirectoryCatalog.open(root);
    catalog.commit(overwrite(TABLE, SCHEMA, id(0)));
  }

  private StagedFile id(int id) {
    return ParquetFiles.stage(
        catalog.openStaging(TABLE).folder(), "SELECT " + id + "::BIGINT AS id");
  }

  private List<Object> ids() {
    return ParquetFiles.rows(catalog.snapshot(TABLE)).stream()
        .<Object>map(row -> row.get(0))
        .sorted()
        .toList();
  }

  /** A disk on which something happens once, just before or just after a version appears. */
  private abstract static class Eventful extends LocalFiles {
    private boolean happened;

    @Override
    void publish(Path finished, Path target, boolean overwrite) throws IOException {
      boolean now = !happened && target.toString().endsWith(".json");
      happened |= now;
      if (now) {
        before();
      }
      super.publish(finished, target, overwrite);
      if (now) {
        after(target);
      }
    }

    abstract void before() throws IOException;

    abstract void after(Path version) throws IOException;
  }

  private DirectoryCatalog meanwhile(Runnable other) {
    return new DirectoryCatalog(
        root.toString(),
        new Eventful() {
          @Override
          void before() {
            other.run();
          }

          @Override
          void after(Path version) {}
        });
  }

  private static ErrorCode codeOf(ScorebatchException failure) {
    return failure.problem().code();
  }

  @Test
  void overwriteIsNeverMergedWithAnAppendThatCameFirst() {
    DirectoryCatalog slow = meanwhile(() -> catalog.commit(append(TABLE, SCHEMA, id(1))));

    ScorebatchException failure =
        catchThrowableOfType(
            ScorebatchException.class, () -> slow.commit(overwrite(TABLE, SCHEMA, id(2))));

    assertThat(codeOf(failure)).isEqualTo(ErrorCode.COMMIT_CONFLICT);
    assertThat(failure)
        .hasMessageContaining("Another writer changed table main.ml.scores")
        .hasMessageContaining("Nothing of this run was written");
    assertThat(ids()).containsExactly(0L, 1L);
  }

  @Test
  void ofTwoOverwritesTheLaterIsTold() {
    DirectoryCatalog slow = meanwhile(() -> catalog.commit(overwrite(TABLE, SCHEMA, id(1))));

    ScorebatchException failure =
        catchThrowableOfType(
            ScorebatchException.class,
            () ->
                slow.commit(
                    as(new TransactionId("nightly/cost", 1), overwrite(TABLE, SCHEMA, id(2)))));

    assertThat(codeOf(failure)).isEqualTo(ErrorCode.COMMIT_CONFLICT);
    assertThat(failure).hasMessageContaining("'nightly/cost'");
    assertThat(ids()).containsExactly(1L);
  }

  @Test
  void sameRunInTwoProcessesOverwritesOnce() {
    TransactionId run = new TransactionId("nightly", 3);
    DirectoryCatalog slow =
        meanwhile(() -> catalog.commit(as(run, overwrite(TABLE, SCHEMA, id(1)))));

    assertThat(slow.commit(as(run, overwrite(TABLE, SCHEMA, id(2))))).isEqualTo(1);
    assertThat(ids()).containsExactly(1L);
  }

  @Test
  void sameRunInTwoProcessesAppendsOnce() {
    TransactionId run = new TransactionId("nightly", 3);
    DirectoryCatalog slow = meanwhile(() -> catalog.commit(as(run, append(TABLE, SCHEMA, id(1)))));

    assertThat(slow.commit(as(run, append(TABLE, SCHEMA, id(2))))).isEqualTo(1);
    assertThat(ids()).containsExactly(0L, 1L);
  }

  @Test
  void appendFollowsAnOverwriteOfTheSameSchema() {
    DirectoryCatalog slow = meanwhile(() -> catalog.commit(overwrite(TABLE, SCHEMA, id(1))));

    assertThat(slow.commit(append(TABLE, SCHEMA, id(2)))).isEqualTo(2);
    assertThat(ids()).containsExactly(1L, 2L);
  }

  @Test
  void appendIsCheckedAgainWhenTheSchemaChangedMeanwhile() {
    Schema text = Schema.of(Column.of("id", Primitive.STRING));
    DirectoryCatalog slow =
        meanwhile(
            () ->
                catalog.commit(
                    overwrite(
                        TABLE,
                        text,
                        ParquetFiles.stage(
                            catalog.openStaging(TABLE).folder(), "SELECT 'a' AS id"))));

    assertThatThrownBy(() -> slow.commit(append(TABLE, SCHEMA, id(2))))
        .hasMessageContaining("column 'id' is bigint")
        .hasMessageContaining("The table has it as string");
    assertThat(catalog.snapshot(TABLE).version()).isEqualTo(1);
  }

  @Test
  void twoRunsThatMakeATableBothAppend() {
    TableName other = new TableName("main", "ml", "other");
    DirectoryCatalog slow =
        meanwhile(
            () ->
                catalog.commit(
                    append(
                        other,
                        SCHEMA,
                        ParquetFiles.stage(
                            catalog.openStaging(other).folder(), "SELECT 1::BIGINT AS id"))));
    StagedFile file =
        ParquetFiles.stage(catalog.openStaging(other).folder(), "SELECT 2::BIGINT AS id");

    assertThat(slow.commit(append(other, SCHEMA, file))).isEqualTo(1);
    assertThat(catalog.snapshot(other).rows()).hasValue(2);
  }

  private DirectoryCatalog failing(boolean written, boolean readable) {
    return new DirectoryCatalog(
        root.toString(),
        new Eventful() {
          @Override
          void before() throws IOException {
            if (!written) {
              throw new IOException("No space left on device");
            }
          }

          @Override
          void after(Path version) throws IOException {
            if (!readable) {
              Files.delete(version);
              Files.createDirectory(version);
            }
            throw new IOException("stale file handle");
          }
        });
  }

  @Test
  void commitWhoseAnswerIsLostIsFoundInTheLog() {
    DirectoryCatalog shaky = failing(true, true);

    assertThat(shaky.commit(append(TABLE, SCHEMA, id(1)))).isEqualTo(1);
    assertThat(ids()).containsExactly(0L, 1L);
  }

  @Test
  void commitThatCannotBeWrittenLeavesTheTableAsItWas() throws IOException {
    DirectoryCatalog full = failing(false, true);

    ScorebatchException failure =
        catchThrowableOfType(
            ScorebatchException.class, () -> full.commit(overwrite(TABLE, SCHEMA, id(1))));

    assertThat(codeOf(failure)).isEqualTo(ErrorCode.TABLE_NOT_WRITABLE);
    assertThat(failure)
        .hasMessageContaining("Nothing was committed")
        .hasMessageContaining("No space left on device");
    assertThat(ids()).containsExactly(0L);
    assertThat(root.resolve("main/ml/scores/_delta_log")).isDirectoryNotContaining("glob:**.tmp");
    assertThat(full.commit(overwrite(TABLE, SCHEMA, id(2)))).isEqualTo(1);
    assertThat(ids()).containsExactly(2L);
  }

  @Test
  void commitWhoseOutcomeCannotBeToldSaysSo() {
    DirectoryCatalog broken = failing(true, false);

    ScorebatchException failure =
        catchThrowableOfType(
            ScorebatchException.class, () -> broken.commit(append(TABLE, SCHEMA, id(1))));

    assertThat(codeOf(failure)).isEqualTo(ErrorCode.COMMIT_STATE_UNKNOWN);
    assertThat(failure)
        .hasMessageContaining("version 1 of table main.ml.scores")
        .hasMessageContaining("look at the table's history");
  }

  @Test
  void checkpointThatCannotBeWrittenDoesNotFailTheCommit() {
    DirectoryCatalog noCheckpoints =
        new DirectoryCatalog(
            root.toString(),
            new LocalFiles() {
              @Override
              void publish(Path finished, Path target, boolean overwrite) throws IOException {
                if (target.toString().endsWith(".parquet")) {
                  throw new IOException("No space left on device");
                }
                super.publish(finished, target, overwrite);
              }
            });
    long last = 0;
    for (int i = 1; i <= 11; i++) {
      last = noCheckpoints.commit(append(TABLE, SCHEMA, id(i)));
    }

    assertThat(last).isEqualTo(11);
    assertThat(catalog.snapshot(TABLE).rows()).hasValue(12);
  }
}
