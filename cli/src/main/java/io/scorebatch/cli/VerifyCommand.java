package io.scorebatch.cli;

import io.scorebatch.client.Certificate;
import io.scorebatch.client.CertificateJson;
import io.scorebatch.client.Verification;
import io.scorebatch.pipeline.run.Certificates.Verdict;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "verify",
    description = "Compares a model's scores with Python's and keeps a certificate of parity.",
    mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
  /** Who answers now. */
  enum Against {
    PYTHON
  }

  @Mixin private CommonOptions common = new CommonOptions();

  @Mixin private PythonOptions python = new PythonOptions();

  @Mixin private CertificateOptions certificates = new CertificateOptions();

  @Parameters(
      paramLabel = "MODEL_URI",
      description = "models:/name/3, models:/name@alias, a folder, a model file …")
  private String modelUri = "";

  @Option(
      names = "--rows",
      paramLabel = "FILE",
      description =
          "Rows with the model's inputs and what Python answered (prediction, predict,"
              + " predict_proba_<class> …): .json, .jsonl, .csv or .parquet (default: the model's"
              + " input example).")
  private @Nullable Path rows;

  @Option(
      names = "--against",
      paramLabel = "python",
      description =
          "Let Python answer now, over these rows and edge rows made from them; needs"
              + " --allow-python.")
  private @Nullable Against against;

  @Option(
      names = "--record",
      paramLabel = "FILE",
      description = "With --against python: keep the recording, to be given to --rows elsewhere.")
  private @Nullable Path record;

  @Override
  public Integer call() {
    Verification verification =
        Verification.of(certificates.apply(python.apply(common.connections())), modelUri);
    if (rows != null) {
      verification = verification.over(rows);
    }
    if (against == Against.PYTHON) {
      verification = verification.againstPython(record);
    } else if (record != null) {
      throw Usage.wrong("--record", record.toString(), "give it together with --against python.");
    }
    Verification.Result result = verification.run();
    Certificate certificate = result.certificate();
    if (common.format() == CommonOptions.Format.JSON) {
      System.out.print(CertificateJson.print(certificate));
    } else {
      print(certificate, result.file());
    }
    return certificate.verdict() == Verdict.DIFFERENT ? ExitCode.FAILED : ExitCode.SUCCESS;
  }

  private static void print(Certificate certificate, Path file) {
    System.out.printf(
        Locale.ROOT,
        "%s%s (%s, %s)%n",
        certificate.model(),
        certificate.version().isPresent() ? " version " + certificate.version().getAsInt() : "",
        certificate.className(),
        certificate.library());
    System.out.printf(
        Locale.ROOT,
        "%,d rows%s; %s%n",
        certificate.rows(),
        certificate.refused() > 0
            ? String.format(Locale.ROOT, " and %,d that Python refuses", certificate.refused())
            : "",
        certificate.recordedBy());
    for (Certificate.Compared kind : certificate.kinds()) {
      System.out.printf(
          Locale.ROOT,
          "  %-17s %s: %,d of %,d cells exact, greatest difference %s (%s ulp, tolerance %s)%s%n",
          kind.kind(),
          kind.verdict(),
          kind.exact(),
          kind.cells(),
          kind.maxAbsolute(),
          kind.maxUlps() == Long.MAX_VALUE ? "more" : kind.maxUlps(),
          kind.tolerance(),
          kind.mismatchingLabels() > 0 ? ", " + kind.mismatchingLabels() + " labels differ" : "");
      if (kind.verdict() == Verdict.DIFFERENT) {
        System.out.println("    " + kind.worst());
      }
    }
    System.out.println(certificate.verdict() + "; certificate in " + file);
  }
}
