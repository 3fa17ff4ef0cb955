import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Finishes the distribution folder: the program's jar joins its libraries, the DuckDB driver is
 * split so that its native library lies beside it (it would be unpacked at every start otherwise),
 * ONNX Runtime and CatBoost keep the native libraries of this machine only (150 MB less), and a
 * class-data archive shortens start-up. Run by Maven: {@code java Distribution.java JAR DIST}.
 */
public final class Distribution {
  public static void main(String[] args) throws IOException, InterruptedException {
    Path jar = Path.of(args[0]);
    Path dist = Path.of(args[1]);
    Path lib = dist.resolve("lib");
    Files.copy(jar, lib.resolve(jar.getFileName()), StandardCopyOption.REPLACE_EXISTING);
    try (Stream<Path> jars = Files.list(lib)) {
      for (Path path : jars.toList()) {
        String name = path.getFileName().toString();
        if (name.startsWith("duckdb_jdbc")) {
          splitDriver(path);
        } else if (name.startsWith("onnxruntime-")) {
          keepNative(path, "ai/onnxruntime/native/", system("osx-", "win-", "linux-", "x64", "aarch64"));
        } else if (name.startsWith("catboost-prediction-")) {
          keepNative(path, "", system("darwin-", "win32-", "linux-", "x86_64", "aarch64"));
        }
      }
    }
    archiveClasses(dist);
  }

  /** Takes the native libraries out of the driver's jar and keeps the one of this machine. */
  private static void splitDriver(Path driver) throws IOException {
    String system = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    String arch = System.getProperty("os.arch").replace("x86_64", "amd64").replace("aarch64", "arm64");
    String os = system.startsWith("mac") ? "osx_universal" : system.startsWith("win") ? "windows_" + arch : "linux_" + arch;
    String wanted = "libduckdb_java.so_" + os;
    boolean splittable = false;
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(driver))) {
      for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        splittable |= e.getName().equals(wanted);
      }
    }
    if (!splittable) {
      return; // split already, or a platform whose library has another name
    }
    Path slim = driver.resolveSibling(driver.getFileName() + ".tmp");
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(driver));
        OutputStream file = Files.newOutputStream(slim);
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        if (e.getName().equals(wanted)) {
          Files.copy(in, driver.resolveSibling(wanted), StandardCopyOption.REPLACE_EXISTING);
        } else if (!e.getName().startsWith("libduckdb_java.so")) {
          out.putNextEntry(new ZipEntry(e.getName()));
          copy(in, out);
          out.closeEntry();
        }
      }
    }
    Files.move(slim, driver, StandardCopyOption.REPLACE_EXISTING);
  }

  /** The name a library gives this machine; macOS's universal libraries have a name of their own. */
  private static String system(String mac, String windows, String linux, String intel, String arm) {
    String os = System.getProperty("os.name").toLowerCase(Locale.ROOT);
    boolean isArm = System.getProperty("os.arch").matches("aarch64|arm64");
    if (os.startsWith("mac") && mac.startsWith("darwin")) {
      return "darwin-universal2";
    }
    return (os.startsWith("mac") ? mac : os.startsWith("win") ? windows : linux) + (isArm ? arm : intel);
  }

  /** Leaves out native libraries of other machines, and debug symbols; all stay where none is ours. */
  private static void keepNative(Path jar, String folder, String wanted) throws IOException {
    Predicate<String> isNative =
        name -> name.matches(Pattern.quote(folder) + "[a-z0-9]+-[a-z0-9_]+/.*\\.(so|dylib|dll)(\\.dSYM/.*)?");
    Predicate<String> ours =
        name -> name.startsWith(folder + wanted + "/") && !name.contains(".dSYM/");
    List<String> names = new ArrayList<>();
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar))) {
      for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        names.add(e.getName());
      }
    }
    if (names.stream().filter(isNative).noneMatch(ours)) {
      return;
    }
    Path slim = jar.resolveSibling(jar.getFileName() + ".tmp");
    try (ZipInputStream in = new ZipInputStream(Files.newInputStream(jar));
        OutputStream file = Files.newOutputStream(slim);
        ZipOutputStream out = new ZipOutputStream(file)) {
      for (ZipEntry e = in.getNextEntry(); e != null; e = in.getNextEntry()) {
        if (!isNative.test(e.getName()) || ours.test(e.getName())) {
          out.putNextEntry(new ZipEntry(e.getName()));
          copy(in, out);
          out.closeEntry();
        }
      }
    }
    Files.move(slim, jar, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void copy(InputStream in, OutputStream out) throws IOException {
    in.transferTo(out);
  }

  /**
   * Writes the classes that a small night and the help load into an archive, from which later runs
   * take them without reading and verifying them. Start-up without it works too, so a Java that
   * cannot write the archive is no failure.
   */
  private static void archiveClasses(Path dist) throws IOException, InterruptedException {
    Path archive = dist.resolve("scorebatch.jsa");
    Files.deleteIfExists(archive);
    Path work = Files.createTempDirectory("scorebatch-archive");
    try {
      Path all = work.resolve("all.txt");
      Set<String> classes = new LinkedHashSet<>();
      for (List<String> arguments :
          List.of(List.of("demo", "--small", "--dir", work.resolve("demo").toString()), List.of("--help"))) {
        Path list = work.resolve("classes.txt");
        List<String> command = program(dist, "-XX:DumpLoadedClassList=" + list);
        command.addAll(arguments);
        run(command);
        if (Files.exists(list)) {
          classes.addAll(Files.readAllLines(list));
        }
      }
      Files.write(all, classes);
      run(program(dist, "-Xshare:dump", "-XX:SharedClassListFile=" + all, "-XX:SharedArchiveFile=" + archive));
    } finally {
      try (Stream<Path> files = Files.walk(work)) {
        for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(path);
        }
      }
    }
  }

  /** The launcher's command; an archive is of use to the same class path and collector only. */
  private static List<String> program(Path dist, String... options) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-XX:+UseSerialGC",
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "-cp",
            dist.resolve("lib") + "/*",
            "io.scorebatch.cli.Scorebatch"));
    return command;
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    if (!process.waitFor(120, TimeUnit.SECONDS)) {
      process.destroyForcibly();
    }
  }
}
