package io.scorebatch.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The rules of ARCHITECTURE.md that a compiler does not hold. */
@AnalyzeClasses(packages = "io.scorebatch", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule ROOMS_SEE_ONLY_WHAT_THEY_MAY =
      layeredArchitecture()
          .consideringOnlyDependenciesInAnyPackage("io.scorebatch..")
          .layer("api")
          .definedBy("io.scorebatch.api..")
          .layer("kernel")
          .definedBy("io.scorebatch.kernel..")
          .layer("artifact")
          .definedBy("io.scorebatch.artifact..")
          .layer("remote")
          .definedBy("io.scorebatch.remote..")
          .layer("registry")
          .definedBy("io.scorebatch.registry..")
          .layer("table")
          .definedBy("io.scorebatch.table..")
          .layer("engine")
          .definedBy("io.scorebatch.engine..")
          .layer("pipeline")
          .definedBy("io.scorebatch.pipeline..")
          .layer("report")
          .definedBy("io.scorebatch.report..")
          .layer("client")
          .definedBy("io.scorebatch.client..")
          .layer("examples")
          .definedBy("io.scorebatch.examples..")
          .layer("cli")
          .definedBy("io.scorebatch.cli..")
          .whereLayer("kernel")
          .mayOnlyBeAccessedByLayers("client")
          .whereLayer("artifact")
          .mayOnlyBeAccessedByLayers("client")
          .whereLayer("remote")
          .mayOnlyBeAccessedByLayers("registry", "table", "client")
          .whereLayer("registry")
          .mayOnlyBeAccessedByLayers("client")
          .whereLayer("table")
          .mayOnlyBeAccessedByLayers("client")
          .whereLayer("engine")
          .mayOnlyBeAccessedByLayers("client")
          .whereLayer("pipeline")
          .mayOnlyBeAccessedByLayers("client", "cli")
          .whereLayer("report")
          .mayOnlyBeAccessedByLayers("client", "cli")
          .whereLayer("client")
          .mayOnlyBeAccessedByLayers("examples", "cli")
          .whereLayer("cli")
          .mayNotBeAccessedByAnyLayer();

  @ArchTest
  static final ArchRule THE_API_KNOWS_THE_JDK_ONLY =
      classes()
          .that()
          .resideInAPackage("io.scorebatch.api..")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage("io.scorebatch.api..", "java..", "org.jspecify..");

  @ArchTest
  static final ArchRule THE_KERNEL_DOES_NO_IO =
      noClasses()
          .that()
          .resideInAPackage("io.scorebatch.kernel..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.nio.file..", "java.net..", "java.sql..");

  @ArchTest
  static final ArchRule NOTHING_IN_A_MODEL_FILE_IS_EXECUTED =
      noClasses()
          .that()
          .resideInAPackage("io.scorebatch.artifact..")
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.io.ObjectInputStream")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("java.lang.ProcessBuilder")
          .orShould()
          .callMethod(Class.class, "forName", String.class)
          .orShould()
          .dependOnClassesThat()
          .resideInAnyPackage("java.lang.reflect..", "javax.script..");

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching("io.scorebatch.(*)..").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule NO_CLASS_HIDES_BEHIND_A_VAGUE_NAME =
      noClasses()
          .should()
          .haveSimpleNameEndingWith("Util")
          .orShould()
          .haveSimpleNameEndingWith("Utils")
          .orShould()
          .haveSimpleNameEndingWith("Manager")
          .orShould()
          .haveSimpleNameEndingWith("Impl")
          .orShould()
          .haveSimpleNameEndingWith("Helper");
}
