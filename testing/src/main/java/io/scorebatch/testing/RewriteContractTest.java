package io.scorebatch.testing;

import static io.scorebatch.api.type.ColumnType.Primitive.DATE;
import static io.scorebatch.api.type.ColumnType.Primitive.DOUBLE;
import static io.scorebatch.api.type.ColumnType.Primitive.INT;
import static io.scorebatch.api.type.ColumnType.Primitive.LONG;
import static io.scorebatch.api.type.ColumnType.Primitive.STRING;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.scorebatch.api.engine.Rewrite;
import io.scorebatch.api.engine.Rewrite.KeysNotIn;
import io.scorebatch.api.engine.Rewrite.KeysOf;
import io.scorebatch.api.engine.Rewrite.Removal;
import io.scorebatch.api.engine.Rewrite.Where;
import io.scorebatch.api.engine.RunControl;
import io.scorebatch.api.engine.StagedRewrite;
import io.scorebatch.api.error.ErrorCode;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.table.DataFile;
import io.scorebatch.api.table.StagedFile;
import io.scorebatch.api.table.TableSnapshot;
import io.scorebatch.api.type.Column;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** How rows are taken out of a table. */
public abstract class RewriteContractTest extends EngineContract {
  private StagedRewrite rewrite(TableSnapshot table, Removal... removals) {
    return engine()
        .rewrite(
            new Rewrite(table, List.of(removals)), staging(), limits(), RunControl.unwatched());
  }

  /** The rows of the table that a commit of the rewrite would leave. */
  private List<List<@Nullable Object>> after(TableSnapshot table, StagedRewrite rewrite) {
    List<DataFile> files = new ArrayList<>(table.files());
    files.removeIf(file -> rewrite.replaced().contains(file.path()));
    for (StagedFile file : rewrite.files()) {
      files.add(
          new DataFile(
              file.file().toString(),
              file.sizeBytes(),
              OptionalLong.of(file.rows()),
              file.partitionValues(),
              Optional.empty()));
    }
    return rowsOf(table.withFiles(files));
  }

  private TableSnapshot predictions() {
    return table("predictions")
        .column("id", LONG)
        .column("s", STRING)
        .column("p", DOUBLE)
        .file(row(1L, "a", 0.1), row(2L, "b", 0.2))
        .file(row(3L, null, 0.3), row(4L, "d", 0.4), row(null, "e", 0.5))
        .file(row(9L, "z", 0.9))
        .snapshot();
  }

  private List<StagedFile> fresh(TableSnapshot rows) {
    return stage(
            TestPlan.overRows(rows).take(rows.schema().names().toArray(new String[0])).build(),
            FakeScorer.weightedSum())
        .files();
  }

  private TableSnapshot keys() {
    return table("keys")
        .column("id", INT)
        .column("s", STRING)
        .column("p", DOUBLE)
        .file(row(3, null, 7.0), row(null, "e", 8.0), row(7, "n", 9.0), row(1, "b", 9.0))
        .snapshot();
  }

  @Test
  void rowsWithTheKeyOfAFreshRowGoAndOtherFilesStay() {
    TableSnapshot table = predictions();
    StagedRewrite rewrite = rewrite(table, new KeysOf(fresh(keys()), List.of("id", "s")));
    assertThat(rewrite.removed()).isEqualTo(2);
    assertThat(rewrite.replaced()).containsExactly(table.files().get(1).path());
    assertThat(rewrite.files()).hasSize(1);
    assertThat(rewrite.files().get(0).rows()).isEqualTo(1);
    assertThat(rewrite.files().get(0).statistics()).containsOnlyKeys("id", "s", "p");
    assertThat(after(table, rewrite))
        .containsExactlyInAnyOrder(
            row(1L, "a", 0.1), row(2L, "b", 0.2), row(4L, "d", 0.4), row(9L, "z", 0.9));
  }

  @Test
  void aFileWithoutRowsIsNotWritten() {
    TableSnapshot table = predictions();
    StagedRewrite rewrite = rewrite(table, new Where("id >= 3", List.of()));
    assertThat(rewrite.removed()).isEqualTo(3);
    assertThat(rewrite.replaced())
        .containsExactlyInAnyOrder(table.files().get(1).path(), table.files().get(2).path());
    assertThat(rewrite.files()).hasSize(1);
    assertThat(after(table, rewrite))
        .containsExactlyInAnyOrder(row(1L, "a", 0.1), row(2L, "b", 0.2), row(null, "e", 0.5));
  }

  @Test
  void nothingToTakeOutChangesNothing() {
    StagedRewrite rewrite = rewrite(predictions(), new Where("id = 77", List.of()));
    assertThat(rewrite.removed()).isZero();
    assertThat(rewrite.replaced()).isEmpty();
    assertThat(rewrite.files()).isEmpty();
    assertThat(staging()).isEmptyDirectory();
  }

  @Test
  void rowsGoWhoseKeyASourceDoesNotBring() {
    TableSnapshot table = predictions();
    TableSnapshot keys =
        table("source").column("id", INT).file(row(1), row(4), row((Object) null)).snapshot();
    tables.add(keys);
    List<KeySource> sources =
        List.of(
            new KeySource.TableRows(keys, keys.schema().columns(), true),
            new KeySource.Query("SELECT id FROM main.ml.source", List.of(Column.of("id", INT))));
    for (KeySource source : sources) {
      StagedRewrite rewrite = rewrite(table, new KeysNotIn(source, List.of("id")));
      assertThat(rewrite.removed()).isEqualTo(3);
      assertThat(after(table, rewrite))
          .containsExactlyInAnyOrder(row(1L, "a", 0.1), row(4L, "d", 0.4), row(null, "e", 0.5));
    }
  }

  @Test
  void aRowThatMeetsTwoRemovalsGoesOnce() {
    TableSnapshot table = predictions();
    StagedRewrite rewrite =
        rewrite(
            table,
            new Where("id = 3 OR id = 9", List.of()),
            new KeysOf(fresh(keys()), List.of("id", "s")));
    assertThat(rewrite.removed()).isEqualTo(3);
    assertThat(after(table, rewrite)).hasSize(3);
  }

  private TableSnapshot partitioned() {
    return table("days")
        .column("id", LONG)
        .partitionColumn("day", DATE)
        .column("p", DOUBLE)
        .file(Map.of("day", "2024-01-01"), row(1L, 0.1), row(2L, 0.2))
        .file(Map.of("day", "2024-01-02"), row(1L, 0.3), row(2L, 0.4))
        .snapshot();
  }

  @Test
  void aRewrittenFileStaysInItsPartition() {
    TableSnapshot table = partitioned();
    StagedRewrite rewrite = rewrite(table, new Where("id = 1", List.of()));
    assertThat(rewrite.files().stream().map(StagedFile::partitionValues))
        .containsExactlyInAnyOrder(Map.of("day", "2024-01-01"), Map.of("day", "2024-01-02"));
    assertThat(after(table, rewrite))
        .containsExactlyInAnyOrder(
            row(2L, LocalDate.of(2024, 1, 1), 0.2), row(2L, LocalDate.of(2024, 1, 2), 0.4));
    StagedRewrite day = rewrite(table, new Where("day = DATE '2024-01-02'", List.of()));
    assertThat(day.replaced()).containsExactly(table.files().get(1).path());
    assertThat(day.files()).isEmpty();
    assertThat(day.removed()).isEqualTo(2);
  }

  @Test
  void deletedRowsStayDeletedAndMappedColumnsKeepTheirNames() {
    TableSnapshot table =
        table("mapped")
            .mapped("id", "col-1", LONG)
            .mapped("p", "col-2", DOUBLE)
            .file(row(1L, 0.1), row(2L, 0.2), row(3L, 0.3), row(4L, 0.4))
            .delete(1)
            .snapshot();
    StagedRewrite rewrite = rewrite(table, new Where("id <= 2", List.of()));
    assertThat(rewrite.removed()).isEqualTo(1);
    assertThat(rewrite.files().get(0).statistics()).containsOnlyKeys("id", "p");
    assertThat(after(table, rewrite)).containsExactlyInAnyOrder(row(3L, 0.3), row(4L, 0.4));
  }

  @Test
  void freshRowsMustMeetThePredicate() {
    assertThatThrownBy(() -> rewrite(predictions(), new Where("id IN (3, 7)", fresh(keys()))))
        .isInstanceOf(ScorebatchException.class)
        .hasMessageContaining("do not meet id IN (3, 7): 2 rows, such as ")
        .hasMessageContaining(ErrorCode.ROWS_OUTSIDE_PREDICATE.label());
  }

  @Test
  void aPredicateIsOneConditionThatReachesNothingElse() {
    for (String predicate :
        List.of(
            "id",
            "id = 1; DROP TABLE x",
            "nope = 1",
            "true) OR (SELECT count(*) FROM read_text('/etc/passwd')) > 0 AND (true")) {
      assertThatThrownBy(() -> rewrite(predictions(), new Where(predicate, List.of())))
          .isInstanceOf(ScorebatchException.class)
          .hasMessageContaining(ErrorCode.QUERY_INVALID.label());
    }
  }
}
