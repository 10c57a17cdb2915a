package io.tailrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The tailrace command, as users have it: the script that began this run, with the flags that it gives to a JVM.
 *
 * @param program its path
 */
record Launcher(Path program) {
    private static final int BUILD_TIMEOUT_MINUTES = 15;
    private static final int COMMIT_DIGITS = 10;

    /** The one that began this run. */
    static Launcher find() {
        String path = System.getProperty("tailrace.launcher");
        if (path == null) {
            throw new BenchException("tailrace.launcher: not set (expected: the path of ./tailrace, which sets it)");
        }
        return new Launcher(Path.of(path));
    }

    /** A command. */
    List<String> command(String... arguments) {
        List<String> command = new ArrayList<>(List.of(program.toString()));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Has the command built, so that nothing that is measured waits for it. */
    void prepare() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command("version", "--help"))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!process.waitFor(BUILD_TIMEOUT_MINUTES, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new BenchException(program + ": not built after " + BUILD_TIMEOUT_MINUTES + " minutes");
        }
        if (process.exitValue() != 0) {
            throw new BenchException(program + " version --help: exit code " + process.exitValue() + " (expected: 0)");
        }
    }

    /** Where reports go by default. */
    Path reportFile() {
        return program.resolveSibling(Path.of("target", "bench", "report.html"));
    }

    /** The commit that is checked out, {@code -dirty} behind it if files differ; empty if that cannot be known. */
    String commit() throws InterruptedException {
        Path root = program.toAbsolutePath().getParent();
        if (root == null
                || !Files.exists(root.resolve(".git"))
                || Programs.find("git").isEmpty()) {
            return "";
        }
        try {
            List<String> git = List.of("git", "-c", "safe.directory=*", "-C", root.toString());
            String commit =
                    Programs.run(Busybox.concatenate(git, List.of("rev-parse", "--short=" + COMMIT_DIGITS, "HEAD")));
            String changes =
                    Programs.run(Busybox.concatenate(git, List.of("status", "--porcelain", "--untracked-files=no")));
            return changes.isEmpty() ? commit : commit + "-dirty";
        } catch (IOException | BenchException e) {
            return "";
        }
    }
}
