package io.tailrace.delivery.fuzz;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * One run of the fuzzer against one target, in a process of its own that ends by itself. A finding is copied to the inputs
 * that are kept, so that every later build attacks with it; what else it found worth keeping stays among the found ones.
 */
final class Jazzer {
    /** {@code -Dtailrace.fuzz.seconds=N}: how long each target is fuzzed in the long form. */
    private static final int SECONDS = Integer.getInteger("tailrace.fuzz.seconds", 180);

    private static final int INPUT_BYTES_MAX = 16 << 10;
    private static final int HANG_SECONDS = 120;
    private static final int LINES_SHOWN_MAX = 200;
    private static final Pattern DONE = Pattern.compile("stat::number_of_executed_units: (\\d+)");
    private static final Pattern COVERED = Pattern.compile("cov: (\\d+)");

    private final FuzzTarget target;
    private final Path kept;
    private final Path found;
    private long inputs;
    private String covered = "0";

    Jazzer(FuzzTarget target, Path kept, Path found) {
        this.target = target;
        this.kept = kept;
        this.found = found;
    }

    /** Fuzzes. @return how many inputs it tried */
    long run(List<byte[]> seeds) throws IOException, InterruptedException {
        Files.createDirectories(kept);
        Path corpus = Files.createDirectories(found.resolve("corpus"));
        Path findings = Files.createDirectories(found.resolve("findings"));
        for (int number = 0; number < seeds.size(); number++) {
            Files.write(corpus.resolve("seed" + number), seeds.get(number));
        }
        Process process = new ProcessBuilder(command(corpus, findings))
                .redirectErrorStream(true)
                .start();
        process.getOutputStream().close();
        var last = new ArrayList<String>();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                look(line);
                last.add(line);
                if (last.size() > LINES_SHOWN_MAX) {
                    last.removeFirst();
                }
            }
            int status = process.waitFor();
            if (status != 0) {
                throw new AssertionError("%s: Jazzer ended with %d; the input is kept in %s:%n%s"
                        .formatted(target, status, keep(findings), String.join("\n", last)));
            }
        } finally {
            process.destroyForcibly();
        }
        return inputs;
    }

    /** For the table. */
    String note() {
        return "%d s, %s edges".formatted(SECONDS, covered);
    }

    private List<String> command(Path corpus, Path findings) {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                "-Xmx1g",
                "-XX:+UseSerialGC",
                "-XX:+EnableDynamicAgentLoading",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + JazzerTarget.class.getName(),
                "--target_args=" + target,
                "--instrumentation_includes=io.tailrace.**",
                // Hooks in all libraries take minutes to weave in, and look for mistakes that ours are not.
                "--custom_hook_includes=io.tailrace.**",
                "--instrumentation_excludes=io.tailrace.delivery.**",
                // It takes every connection for an attack; these targets connect to the server under test.
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.ServerSideRequestForgery",
                "--reproducer_path=" + findings,
                "-artifact_prefix=" + findings + "/",
                "-max_total_time=" + SECONDS,
                "-max_len=" + INPUT_BYTES_MAX,
                "-timeout=" + HANG_SECONDS,
                "-rss_limit_mb=0",
                "-print_final_stats=1",
                corpus.toString(),
                kept.toString());
    }

    private void look(String line) {
        Matcher done = DONE.matcher(line);
        if (done.find()) {
            inputs = Long.parseLong(done.group(1));
        }
        Matcher cov = COVERED.matcher(line);
        if (cov.find()) {
            covered = cov.group(1);
        }
    }

    private Path keep(Path findings) throws IOException {
        try (Stream<Path> files = Files.list(findings)) {
            for (Path file : files.toList()) {
                if (!file.toString().endsWith(".java")) {
                    Files.copy(file, kept.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
                }
            }
        }
        return kept;
    }
}
