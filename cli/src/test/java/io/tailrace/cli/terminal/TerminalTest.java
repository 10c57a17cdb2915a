package io.tailrace.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** In a pseudo-terminal that script(1) makes; where there is none, there is nothing to test. */
class TerminalTest {
    private static final long TIMEOUT_SECONDS = 30;

    /** What runs in the pseudo-terminal. */
    static final class InRawMode {
        private InRawMode() {}

        /** Sets raw mode, says so, and ends as the argument says. */
        public static void main(String[] arguments) {
            try (var raw = Terminal.raw(0)) {
                System.out.print("[raw " + raw.getClass().getSimpleName() + "]");
                System.out.flush();
                stty();
                switch (arguments[0]) {
                    case "exit" -> System.exit(3);
                    case "throw" -> throw new IllegalStateException("on purpose");
                    default -> {}
                }
            }
        }

        private static void stty() {
            try {
                new ProcessBuilder("stty", "-a").inheritIO().start().waitFor();
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Test
    void theTerminalIsPutBackHoweverTheProgramEnds() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "no script(1) here");
        for (var ending : List.of("close", "exit", "throw")) {
            var output = inTerminal(ending);
            int middle = output.indexOf("[then]");
            assertThat(output.substring(0, middle))
                    .contains("[raw RawMode]")
                    .contains("-icanon")
                    .contains("-echo");
            assertThat(output.substring(middle)).contains(" icanon").contains(" echo ");
        }
    }

    private static String inTerminal(String ending) throws Exception {
        var java = Path.of(System.getProperty("java.home"), "bin", "java");
        var command = "%s --enable-native-access=ALL-UNNAMED -XX:TieredStopAtLevel=1 -cp %s '%s' %s 2>/dev/null; "
                        .formatted(java, System.getProperty("java.class.path"), InRawMode.class.getName(), ending)
                + "echo '[then]'; stty -a";
        var process = new ProcessBuilder("script", "-qec", command, "/dev/null")
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        try (var output = process.getInputStream()) {
            var text = new String(output.readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)).isTrue();
            return text;
        } finally {
            process.destroyForcibly();
        }
    }
}
