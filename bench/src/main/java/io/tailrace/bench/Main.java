package io.tailrace.bench;

import io.tailrace.bench.report.HtmlReport;
import io.tailrace.bench.report.MarkdownReport;
import io.tailrace.bench.report.Report;
import io.tailrace.bench.report.Result;
import io.tailrace.bench.report.TextReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** {@code tailrace bench}: measures Tailrace side by side with what one would use instead. */
@Command(
        name = "tailrace bench",
        description = {
            "Measures Tailrace side by side with what one would use instead, on this machine.",
            "",
            "Prints what was found, and writes a page with plots, and beside it the same as JSON."
        },
        footer = {
            "",
            "Examples:",
            "  tailrace bench --rounds 3",
            "  tailrace bench --only latency,fanout --no-docker",
            "  tailrace bench --from target/bench/report.json --markdown"
        },
        sortOptions = false)
public final class Main implements Callable<Integer> {
    private static final String LOG = "log";
    private static final String LOG_BENCHMARKS = "io\\.tailrace\\.bench\\.log\\..*";
    private static final Map<String, Scenario.Factory> SCENARIOS = scenarios();
    private static final int IDLE_FOLLOWERS_MAX = 10_000;

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "3",
            description = "How often each contestant is measured (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(
            names = "--size",
            paramLabel = "MiB",
            defaultValue = "200",
            description = "Output of the container in live, replay and sdk (default: ${DEFAULT-VALUE}).")
    int mebibytes;

    @Option(
            names = "--idle-followers",
            paramLabel = "N",
            defaultValue = "1000",
            description = "How many followers connect in idle, at most 10000 (default: ${DEFAULT-VALUE}).")
    int idleFollowers;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            description =
                    "Only these: start, command, server, idle, live, replay, latency, fanout, slow, sdk; or log, which "
                            + "measures the log alone.")
    List<String> names = List.of();

    @Option(names = "--no-docker", description = "Leave Docker out.")
    boolean isDockerLeftOut;

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean isJson;

    @Option(names = "--markdown", description = "Print the result as Markdown, for docs/performance.md.")
    boolean isMarkdown;

    @Option(
            names = "--into",
            paramLabel = "FILE",
            description = "Replace the results in a Markdown file, which stand between two marks.")
    @Nullable Path into;

    @Option(
            names = "--html",
            paramLabel = "FILE",
            description = "Where to write the page, and beside it FILE with .json instead of .html (default: "
                    + "target/bench/report.html).")
    @Nullable Path htmlFile;

    @Option(
            names = "--from",
            paramLabel = "FILE",
            description = "Measure nothing: show what an earlier run wrote as JSON.")
    @Nullable Path from;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean isHelp;

    @CommandLine.Spec
    CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    /** Runs what the arguments say; exits with 1 if something could not be measured. */
    public static void main(String[] arguments) {
        System.exit(run(arguments));
    }

    static int run(String... arguments) {
        return new CommandLine(new Main())
                .setExecutionExceptionHandler(Main::tell)
                .execute(arguments);
    }

    private static int tell(Exception failure, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (!(failure instanceof BenchException)) {
            throw failure;
        }
        say(String.valueOf(failure.getMessage()));
        return 1;
    }

    private static Map<String, Scenario.Factory> scenarios() {
        Map<String, Scenario.Factory> scenarios = new LinkedHashMap<>();
        scenarios.put("start", StartScenario::new);
        scenarios.put("command", CommandScenario::new);
        scenarios.put("server", ServerScenario::new);
        // Before a server's memory has grown by what comes below: room that is left from it would hide what followers
        // cost.
        scenarios.put("idle", IdleScenario::new);
        scenarios.put("live", LiveScenario::new);
        scenarios.put("replay", ReplayScenario::new);
        scenarios.put("latency", LatencyScenario::new);
        scenarios.put("fanout", FanOutScenario::new);
        scenarios.put("slow", SlowScenario::new);
        scenarios.put("sdk", SdkScenario::new);
        return scenarios;
    }

    @Override
    public Integer call() throws Exception {
        checkArguments();
        if (from != null) {
            return show(read(from));
        }
        if (names.contains(LOG)) {
            runLogBenchmarks();
            if (names.size() == 1) {
                return 0;
            }
        }
        return show(measure(Launcher.find()));
    }

    private void checkArguments() {
        checkRange("--rounds", rounds, Integer.MAX_VALUE);
        checkRange("--size", mebibytes, Integer.MAX_VALUE);
        checkRange("--idle-followers", idleFollowers, IDLE_FOLLOWERS_MAX);
        for (String name : names) {
            if (!name.equals(LOG) && !SCENARIOS.containsKey(name)) {
                throw refusal("--only: %s (expected: log or one of %s)".formatted(name, SCENARIOS.keySet()));
            }
        }
        if (into != null && !Files.isWritable(into)) {
            throw refusal("--into: %s (expected: a Markdown file)".formatted(into));
        }
        if (isJson && isMarkdown) {
            throw refusal("--json --markdown (expected: one of them)");
        }
    }

    private void checkRange(String option, int value, int max) {
        if (value < 1 || value > max) {
            String bound = max == Integer.MAX_VALUE ? ">= 1" : "1 to " + max;
            throw refusal("%s: %d (expected: %s)".formatted(option, value, bound));
        }
    }

    private ParameterException refusal(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    private static Report read(Path file) {
        try {
            return Report.ofJson(Files.readString(file));
        } catch (IOException e) {
            throw new BenchException("--from: %s: %s (expected: what an earlier run wrote)".formatted(file, e), e);
        }
    }

    /** Prints a report and writes its page. @return the exit code */
    private int show(Report report) throws IOException {
        System.out.print(text(report));
        if (into != null) {
            writeInto(into, report);
        }
        Path page = htmlFile == null && from == null ? Launcher.find().reportFile() : htmlFile;
        if (page != null) {
            Path parent = page.toAbsolutePath().getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.writeString(page, HtmlReport.of(report));
            String name = String.valueOf(page.getFileName());
            Path json = page.resolveSibling(name.replaceFirst("\\.html$", "") + ".json");
            Files.writeString(json, report.toJson() + "\n");
            say("report: " + page.toAbsolutePath());
            say("as JSON: " + json.toAbsolutePath());
        }
        return report.isComplete() ? 0 : 1;
    }

    private static void writeInto(Path document, Report report) throws IOException {
        try {
            Files.writeString(document, MarkdownReport.into(Files.readString(document), report));
        } catch (IllegalArgumentException e) {
            throw new BenchException("--into: %s: %s".formatted(document, e.getMessage()), e);
        }
    }

    private String text(Report report) throws IOException {
        if (isJson) {
            return report.toJson() + "\n";
        }
        return isMarkdown ? MarkdownReport.of(report) : TextReport.of(report);
    }

    private Report measure(Launcher launcher) throws Exception {
        if (!isDockerLeftOut && !Docker.isInstalled()) {
            say("no Docker on this machine (./tailrace setup installs what is missing): measuring the rest");
        }
        say("starting what is compared");
        Instant begin = Instant.now().truncatedTo(ChronoUnit.SECONDS);
        Options options = new Options(Workload.ofMebibytes(mebibytes), idleFollowers);
        try (Rig rig = Rig.open(launcher, !isDockerLeftOut)) {
            Map<String, String> facts = Machine.facts(rig);
            List<Result> results = new ArrayList<>();
            Comparison.Progress progress = (comparison, round, of, contestant, value) -> {
                rig.requireOpen();
                showProgress(comparison, round, of, contestant, value);
            };
            for (Map.Entry<String, Scenario.Factory> entry : SCENARIOS.entrySet()) {
                if (names.isEmpty() || names.contains(entry.getKey())) {
                    try (Scenario scenario = entry.getValue().open(rig, options)) {
                        results.add(scenario.comparison().run(rounds, progress));
                    }
                }
            }
            return new Report(
                    Report.FORMAT,
                    begin.toString(),
                    launcher.commit(),
                    facts,
                    rounds,
                    options.workload().bytes(),
                    results);
        }
    }

    private static void showProgress(String comparison, int round, int rounds, String contestant, String value) {
        String which = round < 1 ? "warm-up" : "round %d of %d".formatted(round, rounds);
        say("%s, %s: %s: %s".formatted(comparison, which, contestant, value));
    }

    private static void say(String message) {
        System.err.println("bench: " + message);
    }

    private static void runLogBenchmarks() throws RunnerException {
        new Runner(new OptionsBuilder().include(LOG_BENCHMARKS).build()).run();
    }
}
