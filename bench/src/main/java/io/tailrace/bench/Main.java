package io.tailrace.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
        description = "Measures Tailrace side by side with what one would use instead, on this machine.",
        sortOptions = false)
public final class Main implements Callable<Integer> {
    private static final String LOG = "log";
    private static final String LOG_BENCHMARKS = "io\\.tailrace\\.bench\\.log\\..*";
    private static final Map<String, Scenario.Factory> SCENARIOS = scenarios();

    @Option(
            names = "--rounds",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often each contestant is measured (default: ${DEFAULT-VALUE}).")
    int rounds;

    @Option(
            names = "--size",
            paramLabel = "MiB",
            defaultValue = "200",
            description = "Output of one container (default: ${DEFAULT-VALUE}).")
    int mebibytes;

    @Option(
            names = "--only",
            paramLabel = "NAME",
            split = ",",
            description = "Only these: start, live, replay, command; or log, which measures the log alone.")
    List<String> names = List.of();

    @Option(names = "--no-docker", description = "Leave Docker out.")
    boolean isDockerLeftOut;

    @Option(names = "--json", description = "Print the result as JSON.")
    boolean isJson;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Show this help.")
    boolean isHelp;

    @CommandLine.Spec
    CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    /** Runs what the arguments say; exits with 1 if something could not be measured. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new Main())
                .setExecutionExceptionHandler(Main::tell)
                .execute(arguments));
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
        scenarios.put("live", LiveScenario::new);
        scenarios.put("replay", ReplayScenario::new);
        scenarios.put("command", CommandScenario::new);
        return scenarios;
    }

    @Override
    public Integer call() throws Exception {
        checkArguments();
        if (names.contains(LOG)) {
            runLogBenchmarks();
            if (names.size() == 1) {
                return 0;
            }
        }
        Report report = measure();
        System.out.print(isJson ? report.toJson() + "\n" : report.toText());
        return report.results().stream().allMatch(Result::isComplete) ? 0 : 1;
    }

    private void checkArguments() {
        checkPositive("--rounds", rounds);
        checkPositive("--size", mebibytes);
        for (String name : names) {
            if (!name.equals(LOG) && !SCENARIOS.containsKey(name)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--only: %s (expected: log or one of %s)".formatted(name, SCENARIOS.keySet()));
            }
        }
    }

    private void checkPositive(String option, int value) {
        if (value < 1) {
            throw new ParameterException(spec.commandLine(), "%s: %d (expected: >= 1)".formatted(option, value));
        }
    }

    private Report measure() throws Exception {
        if (!isDockerLeftOut && !Docker.isInstalled()) {
            say("no Docker on this machine (./tailrace setup installs what is missing): measuring the rest");
        }
        say("starting what is compared");
        Workload workload = Workload.ofMebibytes(mebibytes);
        try (Rig rig = Rig.open(!isDockerLeftOut)) {
            Map<String, String> facts = Machine.facts(rig);
            List<Result> results = new ArrayList<>();
            for (Map.Entry<String, Scenario.Factory> entry : SCENARIOS.entrySet()) {
                if (names.isEmpty() || names.contains(entry.getKey())) {
                    try (Scenario scenario = entry.getValue().open(rig, workload)) {
                        results.add(scenario.comparison().run(rounds, Main::showProgress));
                    }
                }
            }
            return new Report(facts, rounds, workload.bytes(), results);
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
