package io.tailrace.runtime.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class MiniShellTest {
    @Test
    void commandsRunInOrderAndTheLastCodeCounts() throws Exception {
        assertThat(run("echo one; echo -n 'two  words' && false && echo not; exit 5; echo never"))
                .isEqualTo(List.of("one\ntwo  words", "", "5"));
    }

    @Test
    void variablesAreOfTheEnvironmentAndStderrIsApart() throws Exception {
        assertThat(run("echo \"$WHO!\" >&2\nunknown-word"))
                .isEqualTo(List.of("", "conformance!\nsh: unknown-word: not found\n", "127"));
    }

    private static List<String> run(String script) throws Exception {
        try (Bench bench = new Bench(new ScriptedRuntimeTest.ScriptedFixture(ScriptedRuntime.open()))) {
            var process = bench.create(List.of("sh", "-c", script)).prepare();
            Reading out = Reading.of(process.stdout());
            Reading err = Reading.of(process.stderr().orElseThrow());
            process.start();
            int code = Bench.exitOf(process).exitCode();
            return List.of(Bench.text(out.await()), Bench.text(err.await()), Integer.toString(code));
        }
    }
}
