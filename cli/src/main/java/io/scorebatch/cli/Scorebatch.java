package io.scorebatch.cli;

import io.scorebatch.api.error.Problem;
import io.scorebatch.api.error.ScorebatchException;
import io.scorebatch.client.Program;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program {@code scorebatch}. */
@Command(
    name = "scorebatch",
    description = "score_batch for the JVM: lookup keys in, predictions out.",
    mixinStandardHelpOptions = true,
    versionProvider = Scorebatch.Version.class,
    subcommands = {
      DemoCommand.class,
      RunCommand.class,
      ScoreCommand.class,
      InspectCommand.class,
      VerifyCommand.class,
      LogModelCommand.class,
      TrainingSetCommand.class,
      SqlCommand.class,
      ReportCommand.class,
      DiffCommand.class
    },
    footer = {
      "",
      "Exit codes: 0 every model committed, 1 failed, 2 usage or configuration,",
      "3 partial (some models failed), 4 a gate stopped a model, 130/143 interrupted."
    })
public final class Scorebatch implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  /** Runs the program and ends the process with its exit code. */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /** Runs the program; the exit code. */
  public static int execute(String... args) {
    Logging.quieten();
    return new CommandLine(new Scorebatch())
        .setExecutionExceptionHandler(Scorebatch::failed)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .execute(args);
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Missing command.");
  }

  private static int failed(Exception failure, CommandLine command, CommandLine.ParseResult parsed)
      throws Exception {
    if (failure instanceof ScorebatchException known) {
      PrintWriter err = command.getErr();
      for (Problem problem : known.problems()) {
        err.println(problem.code().label() + " " + problem.what());
        if (!problem.why().isEmpty()) {
          err.println("  why: " + problem.why());
        }
        if (!problem.fix().isEmpty()) {
          err.println("  fix: " + problem.fix());
        }
      }
      err.flush();
      return ExitCode.of(known.problem().code().kind());
    }
    throw failure;
  }

  /** The version that was built. */
  static final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {"scorebatch " + Program.version()};
    }
  }
}
