package io.tailrace.acceptance;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.codeUnits;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaCodeUnit;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules between the modules: data flows one way, and no protocol or library leaks where it does not belong. */
class ArchitectureTest {

    private static final JavaClasses TAILRACE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .importPackages("io.tailrace");

    private static final String[] JDK_AND_ANNOTATIONS = {
        "java..", "javax.net..", "jdk.net..", "org.jspecify.annotations..", "com.google.errorprone.annotations.."
    };

    @Test
    void theLogKnowsOnlyTheJdk() {
        onlyDependOn("io.tailrace.log..", "io.tailrace.log..");
    }

    @Test
    void theRuntimeInterfaceKnowsOnlyTheJdk() {
        onlyDependOn("io.tailrace.runtime.spi..", "io.tailrace.runtime.spi..");
    }

    @Test
    void theEngineKnowsNoProtocolAndNoRuntime() {
        onlyDependOn(
                "io.tailrace.engine..",
                "io.tailrace.engine..",
                "io.tailrace.log..",
                "io.tailrace.runtime.spi..",
                "com.fasterxml.jackson..",
                "com.google.re2j..",
                "org.slf4j..");
    }

    @Test
    void aRuntimeKnowsNeitherTheEngineNorTheServer() {
        noClasses()
                .that()
                .resideInAPackage("io.tailrace.runtime..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(
                        "io.tailrace.log..", "io.tailrace.engine..", "io.tailrace.server..", "io.tailrace.api..")
                .allowEmptyShould(true)
                .check(TAILRACE);
    }

    /** Only the package that wires the server may name a runtime: its doors, in packages below, may not. */
    @Test
    void noDoorKnowsARuntime() {
        noClasses()
                .that()
                .resideInAPackage("io.tailrace.server.*..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.tailrace.runtime..")
                        .and(DescribedPredicate.not(resideInAnyPackage("io.tailrace.runtime.spi.."))))
                .allowEmptyShould(true)
                .check(TAILRACE);
    }

    @Test
    void nothingThatIsShippedUsesWhatTestsShare() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.tailrace.delivery..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.tailrace.delivery..")
                .check(TAILRACE);
    }

    @Test
    void noPartOfTheServerDependsOnItselfInACircle() {
        slices().matching("io.tailrace.server.(*)..")
                .should()
                .beFreeOfCycles()
                .allowEmptyShould(true)
                .check(TAILRACE);
    }

    @Test
    void noDoorKnowsAnother() {
        String[] doors = {"exec", "v1", "http"};
        for (String door : doors) {
            String[] others = Stream.of(doors)
                    .filter(other -> !other.equals(door))
                    .map(other -> "io.tailrace.server." + other + "..")
                    .toArray(String[]::new);
            noClasses()
                    .that()
                    .resideInAPackage("io.tailrace.server." + door + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(others)
                    .allowEmptyShould(true)
                    .check(TAILRACE);
        }
    }

    @Test
    void theClientKnowsOnlyTheApi() {
        noClasses()
                .that()
                .resideInAPackage("io.tailrace.client..")
                .should()
                .dependOnClassesThat(resideInAnyPackage("io.tailrace..")
                        .and(DescribedPredicate.not(resideInAnyPackage("io.tailrace.client..", "io.tailrace.api.."))))
                .allowEmptyShould(true)
                .check(TAILRACE);
    }

    @Test
    void theClientsPublicSignaturesShowNoTransportType() {
        codeUnits()
                .that()
                .areDeclaredInClassesThat()
                .resideInAPackage("io.tailrace.client..")
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .should(showNoType("io.grpc..", "com.google.protobuf..", "io.netty..", "io.tailrace.api.."))
                .allowEmptyShould(true)
                .check(TAILRACE);
    }

    @Test
    void namesSayWhatThingsAre() {
        noClasses()
                .should()
                .resideInAnyPackage("..util..", "..common..", "..helper..", "..misc..")
                .check(TAILRACE);
        DescribedPredicate<JavaClass> handWritten =
                DescribedPredicate.not(resideInAnyPackage("io.tailrace.api..", "..containerd.proto.."));
        noClasses()
                .that(handWritten)
                .should()
                .haveNameMatching(".*(Manager|Helper|Helpers|Util|Utils|Impl|Common)")
                .check(TAILRACE);
    }

    private static void onlyDependOn(String from, String... to) {
        String[] allowed =
                Stream.of(JDK_AND_ANNOTATIONS, to).flatMap(Stream::of).toArray(String[]::new);
        classes()
                .that()
                .resideInAPackage(from)
                .should()
                .onlyDependOnClassesThat(resideInAnyPackage(allowed).or(arraysAndPrimitives()))
                .allowEmptyShould(true)
                .check(TAILRACE);
    }

    private static DescribedPredicate<JavaClass> arraysAndPrimitives() {
        return DescribedPredicate.describe(
                "are arrays or primitives",
                type -> type.isPrimitive() || type.getBaseComponentType().isPrimitive());
    }

    private static ArchCondition<JavaCodeUnit> showNoType(String... packages) {
        DescribedPredicate<JavaClass> hidden = resideInAnyPackage(packages);
        return new ArchCondition<>("show no type of " + String.join(", ", packages)) {
            @Override
            public void check(JavaCodeUnit unit, ConditionEvents events) {
                boolean isVisible = unit.getModifiers().contains(JavaModifier.PUBLIC)
                        || unit.getModifiers().contains(JavaModifier.PROTECTED);
                if (!isVisible) {
                    return;
                }
                Stream.of(
                                unit.getReturnType().getAllInvolvedRawTypes().stream(),
                                unit.getParameterTypes().stream()
                                        .flatMap(type -> type.getAllInvolvedRawTypes().stream()),
                                unit.getThrowsClause().getTypes().stream())
                        .flatMap(types -> types)
                        .filter(hidden)
                        .forEach(type -> events.add(
                                SimpleConditionEvent.violated(unit, unit.getFullName() + " shows " + type.getName())));
            }
        };
    }
}
