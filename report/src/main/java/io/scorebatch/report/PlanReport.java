package io.scorebatch.report;

import io.scorebatch.api.plan.KeySource;
import io.scorebatch.api.plan.PlanStep;
import io.scorebatch.api.plan.PlanStep.Call;
import io.scorebatch.api.plan.PlanStep.Compute;
import io.scorebatch.api.plan.PlanStep.DuplicateKeys;
import io.scorebatch.api.plan.PlanStep.Lookup;
import io.scorebatch.api.plan.ScoringPlan;
import io.scorebatch.api.table.TableSnapshot;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Collectors;

/** Plans of a run for the terminal: what would be read, joined and computed, and what it takes. */
public final class PlanReport {
  private static final String NL = System.lineSeparator();

  private PlanReport() {}

  /** The report as text, ending with a line break. */
  public static String print(List<ScoringPlan> plans, PastRuns past) {
    StringBuilder text = new StringBuilder();
    models(text, plans, past);
    for (ScoringPlan plan : plans) {
      text.append(NL).append(plan.modelName()).append(" -> ").append(plan.target()).append(NL);
      line(text, "keys: " + keys(plan.keys()));
      plan.steps().forEach(step -> line(text, step(plan, step)));
    }
    tables(text, plans);
    shared(text, plans);
    past(text, plans, past);
    return text.toString();
  }

  private static void line(StringBuilder text, String line) {
    text.append("  ").append(line).append(NL);
  }

  private static void models(StringBuilder text, List<ScoringPlan> plans, PastRuns past) {
    List<List<String>> cells = new ArrayList<>();
    for (ScoringPlan plan : plans) {
      long scans = 1;
      long joins = 0;
      long functions = 0;
      for (PlanStep step : plan.steps()) {
        boolean join = step instanceof Lookup lookup && !isOwn(plan, lookup);
        scans += join ? 1 : 0;
        joins += join ? 1 : 0;
        functions += step instanceof Lookup ? 0 : 1;
      }
      cells.add(
          List.of(
              plan.modelName(),
              rows(plan.keys()),
              String.valueOf(scans),
              String.valueOf(joins),
              String.valueOf(functions),
              String.valueOf(plan.inputs().size()),
              seconds(plan, past)));
    }
    text.append(
        TextTable.print(
            List.of("model", "rows", "scans", "joins", "functions", "inputs", "seconds"),
            cells,
            List.of(false, true, true, true, true, true, true)));
  }

  private static String rows(KeySource keys) {
    if (!(keys instanceof KeySource.TableRows table) || table.table().rows().isEmpty()) {
      return "?";
    }
    String rows = ConsoleReport.count(table.table().rows().getAsLong());
    return table.distinct() ? "<= " + rows : rows;
  }

  /** What the model took last time, for the rows there are now. */
  private static String seconds(ScoringPlan plan, PastRuns past) {
    PastRuns.Model model = past.models().get(plan.modelName());
    return model == null ? "?" : String.format(Locale.ROOT, "%.2f", seconds(plan, model));
  }

  private static double seconds(ScoringPlan plan, PastRuns.Model model) {
    OptionalLong rows =
        plan.keys() instanceof KeySource.TableRows table
            ? table.table().rows()
            : OptionalLong.empty();
    return rows.isEmpty() || model.rows() == 0
        ? model.seconds()
        : model.seconds() * rows.getAsLong() / model.rows();
  }

  private static String keys(KeySource keys) {
    if (keys instanceof KeySource.TableRows table) {
      String columns =
          table.columns().stream().map(c -> c.name()).collect(Collectors.joining(", "));
      return (table.distinct() ? "each " : "every row of ")
          + (table.distinct() ? "(" + columns + ") of " : "")
          + named(table.table());
    }
    return keys instanceof KeySource.File file
        ? "file " + file.path()
        : "query " + ((KeySource.Query) keys).sql().strip().replaceAll("\\s+", " ");
  }

  private static String named(TableSnapshot table) {
    return table.name() + " version " + table.version();
  }

  private static String step(ScoringPlan plan, PlanStep step) {
    if (step instanceof Compute compute) {
      return "compute "
          + compute.output()
          + " = "
          + compute.function()
          + compute.bindings()
          + " (SQL)";
    }
    if (step instanceof Call call) {
      return "compute "
          + call.output()
          + " = "
          + call.function()
          + call.bindings()
          + " (class "
          + call.body().getClass().getName()
          + ")";
    }
    Lookup lookup = (Lookup) step;
    String on =
        lookup.keys().stream()
            .map(k -> k.request().equals(k.table()) ? k.table() : k.request() + " = " + k.table())
            .collect(Collectors.joining(", "));
    Lookup.PointInTime moment = lookup.timestamp();
    String time = "";
    if (moment != null) {
      Long lookback = moment.lookbackMicros();
      time =
          " as of "
              + moment.request()
              + (lookback == null
                  ? ""
                  : ", not older than " + Duration.of(lookback, ChronoUnit.MICROS));
    }
    return (isOwn(plan, lookup) ? "read with the keys (if they are unique): " : "join ")
        + named(lookup.table())
        + " by "
        + on
        + time
        + ": "
        + lookup.features().size()
        + " features";
  }

  /** Whether a look-up asks a table for its own keys, so that unique keys need no join. */
  private static boolean isOwn(ScoringPlan plan, Lookup lookup) {
    return plan.keys() instanceof KeySource.TableRows rows
        && rows.table().name().equals(lookup.table().name())
        && rows.table().version() == lookup.table().version()
        && lookup.keys().stream().allMatch(k -> k.request().equalsIgnoreCase(k.table()))
        && (lookup.timestamp() == null
            || lookup.timestamp().request().equalsIgnoreCase(lookup.timestamp().table()));
  }

  private static void tables(StringBuilder text, List<ScoringPlan> plans) {
    Map<String, TableSnapshot> tables = new LinkedHashMap<>();
    Map<String, Set<String>> readers = new LinkedHashMap<>();
    for (ScoringPlan plan : plans) {
      List<TableSnapshot> read = new ArrayList<>();
      if (plan.keys() instanceof KeySource.TableRows rows) {
        read.add(rows.table());
      }
      plan.steps().stream()
          .filter(Lookup.class::isInstance)
          .forEach(step -> read.add(((Lookup) step).table()));
      for (TableSnapshot table : read) {
        tables.put(named(table), table);
        readers.computeIfAbsent(named(table), name -> new LinkedHashSet<>()).add(plan.modelName());
      }
    }
    text.append(NL);
    List<List<String>> cells = new ArrayList<>();
    tables.forEach(
        (name, table) ->
            cells.add(
                List.of(
                    table.name().toString(),
                    String.valueOf(table.version()),
                    table.rows().isPresent() ? ConsoleReport.count(table.rows().getAsLong()) : "?",
                    String.valueOf(table.files().size()),
                    String.valueOf(readers.getOrDefault(name, Set.of()).size()))));
    text.append(
        TextTable.print(
            List.of("table", "version", "rows", "files", "models"),
            cells,
            List.of(false, true, true, true, true)));
  }

  private static void shared(StringBuilder text, List<ScoringPlan> plans) {
    Map<String, Set<String>> proofs = new LinkedHashMap<>();
    for (ScoringPlan plan : plans) {
      for (PlanStep step : plan.steps()) {
        if (step instanceof Lookup lookup && lookup.duplicates() != DuplicateKeys.MULTIPLY) {
          List<String> keys = new ArrayList<>(lookup.keys().stream().map(k -> k.table()).toList());
          if (lookup.timestamp() != null) {
            keys.add(lookup.timestamp().table());
          }
          proofs
              .computeIfAbsent(named(lookup.table()) + " by " + keys, k -> new LinkedHashSet<>())
              .add(plan.modelName());
        }
      }
    }
    text.append(NL).append("shared").append(NL);
    line(text, "each table's version and files: found once for all models");
    moments(plans)
        .forEach(
            (question, models) -> {
              if (models.size() > 1) {
                line(
                    text,
                    "rows of "
                        + question
                        + " that the keys see: found once for "
                        + models.size()
                        + " models");
              }
            });
    proofs.forEach(
        (proof, models) -> {
          if (models.size() > 1) {
            line(text, "keys of " + proof + ": checked once for " + models.size() + " models");
          }
        });
  }

  /** Models by the histories they look up as of the same keys. */
  private static Map<String, Set<String>> moments(List<ScoringPlan> plans) {
    Map<List<Object>, Set<String>> models = new LinkedHashMap<>();
    Map<List<Object>, String> names = new LinkedHashMap<>();
    for (ScoringPlan plan : plans) {
      List<Lookup> asked =
          plan.steps().stream()
              .filter(Lookup.class::isInstance)
              .map(Lookup.class::cast)
              .filter(lookup -> lookup.timestamp() != null && !isOwn(plan, lookup))
              .toList();
      if (plan.keys() instanceof KeySource.TableRows rows && !asked.isEmpty()) {
        List<Object> question = new ArrayList<>(List.of(named(rows.table()), rows.columns()));
        asked.forEach(
            lookup -> question.add(named(lookup.table()) + lookup.keys() + lookup.timestamp()));
        names.put(
            question, asked.stream().map(l -> named(l.table())).collect(Collectors.joining(", ")));
        models.computeIfAbsent(question, q -> new LinkedHashSet<>()).add(plan.modelName());
      }
    }
    Map<String, Set<String>> byName = new LinkedHashMap<>();
    models.forEach((question, who) -> byName.put(names.get(question), who));
    return byName;
  }

  private static void past(StringBuilder text, List<ScoringPlan> plans, PastRuns past) {
    text.append(NL);
    List<ScoringPlan> known =
        plans.stream().filter(p -> past.models().containsKey(p.modelName())).toList();
    if (known.isEmpty() || past.newest().isEmpty()) {
      text.append("no past run to estimate time and memory from").append(NL);
      return;
    }
    double sum = 0;
    for (ScoringPlan plan : known) {
      sum += seconds(plan, java.util.Objects.requireNonNull(past.models().get(plan.modelName())));
    }
    PastRuns.Run run = past.newest().get();
    text.append(
        String.format(
            Locale.ROOT,
            "estimate from past runs: %.1f s of work for %d of %d models, less the more run at"
                + " once; run %s took %.1f s for %d models%s%n",
            sum,
            known.size(),
            plans.size(),
            run.runId(),
            run.seconds(),
            run.models(),
            run.peakMemory()
                .map(memory -> " and " + memory + " of memory at its peak")
                .orElse("")));
  }
}
