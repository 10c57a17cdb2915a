package io.tailrace.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HelpTest {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    static Stream<String> verbs() {
        return Verbs.ALL.stream().map(Verbs.Entry::name);
    }

    @Test
    void theHelpNamesEveryVerb() {
        assertThat(run("--help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains(verbs().toList());
    }

    @ParameterizedTest
    @MethodSource("verbs")
    void everyVerbExplainsItself(String verb) {
        for (var arguments : List.of(List.of(verb, "--help"), List.of("help", verb))) {
            out.reset();
            assertThat(run(arguments.toArray(String[]::new))).isZero();
            assertThat(out.toString(StandardCharsets.UTF_8)).contains("Usage: tailrace " + verb);
        }
    }

    @Test
    void anUnknownVerbIs125() {
        assertThat(run("frobnicate")).isEqualTo(125);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("\"frobnicate\"")
                .contains("tailrace --help");
    }

    @Test
    void aMistypedVerbOrOptionIsAnsweredWithWhatWasMeant() {
        for (var mistyped : List.of(
                List.of("version", "verzion"),
                List.of("import", "image", "imprt"),
                List.of("--network", "run", "--netwrk", "none", "busybox"))) {
            err.reset();
            assertThat(run(mistyped.subList(1, mistyped.size()).toArray(String[]::new)))
                    .isEqualTo(125);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("did you mean: " + mistyped.getFirst());
        }
    }

    @Test
    void theVersionIsAlsoAnOptionAsItIsEverywhere() {
        for (var option : List.of("--version", "-v")) {
            out.reset();
            assertThat(run(option)).isZero();
            assertThat(out.toString(StandardCharsets.UTF_8)).matches("tailrace \\S+\\R");
        }
    }

    @Test
    void aServerInFrontOfTheVerbIsKnownBeforeTheRest() {
        assertThat(CommandLines.server("--host", "a:1", "ps", "--host", "b:1").host())
                .isEqualTo("a:1");
        assertThat(CommandLines.server("--token", "-H", "-H", "a:1", "ps")).isEqualTo(new NamedServer("a:1", null));
        assertThat(CommandLines.server("ps", "-H", "b:1")).isEqualTo(NamedServer.NONE);
        assertThat(CommandLines.server("-H")).isEqualTo(NamedServer.NONE);
        assertThat(CommandLines.server("--context", "a", "-c", "b", "run", "-c", "512"))
                .isEqualTo(new NamedServer(null, "b"));
        for (var option : List.of("-H", "--host", "-c", "--context", "--token")) {
            assertThat(CommandLines.verb(option, "ps", "logs")).isEqualTo("logs");
        }
    }

    @Test
    void aHostAndAContextTogetherAre125() {
        for (var line : List.of(
                List.of("--host", "a:1", "--context", "b", "ps"),
                List.of("-c", "b", "ps", "-H", "a:1"),
                List.of("context", "ls", "--context", "b", "--host", "a:1"))) {
            err.reset();
            assertThat(run(line.toArray(String[]::new))).isEqualTo(125);
            assertThat(err.toString(StandardCharsets.UTF_8))
                    .contains("--host a:1 and --context b (expected: one of them)");
        }
    }

    @Test
    void whatTheLauncherDoesIsSaid() {
        assertThat(run("test", "-pl", "log")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("./tailrace test");
    }

    private int run(String... arguments) {
        return Main.run(
                new StandardStreams(new ByteArrayInputStream(new byte[0]), out, err, false, false, false), arguments);
    }
}
