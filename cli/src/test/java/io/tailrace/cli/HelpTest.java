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
    void whatTheLauncherDoesIsSaid() {
        assertThat(run("test", "-pl", "log")).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8)).contains("./tailrace test");
    }

    private int run(String... arguments) {
        return Main.run(
                new StandardStreams(new ByteArrayInputStream(new byte[0]), out, err, false, false, false), arguments);
    }
}
