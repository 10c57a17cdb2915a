package io.tailrace.acceptance;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.client.Tailrace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real server, in a process of its own, on a private containerd, with a directory of its own for everything. It may be
 * killed and started again: the directory, the containerd and the port stay. Closing it stops whatever it started and
 * fails if anything was left behind.
 */
final class TailraceServerProcess implements AutoCloseable {
    /** The token that its clients must bring. */
    static final String TOKEN = "acceptance-token-0123456789";

    private static final Duration READY_LIMIT = Duration.ofMinutes(3);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(30);
    private static final Duration COMMAND_LIMIT = Duration.ofSeconds(60);
    private static final Pattern LISTENS = Pattern.compile("http://127\\.0\\.0\\.1:(\\d+)");
    private static final Pattern READY = Pattern.compile("(?m)\\bready$");
    /** Small, so that what grows with what it should not grow with ends in an error and not in a swollen process. */
    private static final List<String> JAVA_OPTIONS = List.of(
            "-Xmx384m",
            "-XX:+UseG1GC",
            "-XX:+ExitOnOutOfMemoryError",
            // It is started again and again, on few processors: compiling well would cost more than it gains.
            "-XX:TieredStopAtLevel=1");

    private final Path directory;
    private final Map<String, String> environment;
    private final List<String> prefix;
    private final Leftovers leftovers;
    private final Thread killAtExit;
    private @Nullable Process process;
    private @Nullable Api api;
    private int port;
    private int starts;

    private TailraceServerProcess(Path directory, Map<String, String> environment, List<String> prefix) {
        this.directory = directory;
        Map<String, String> settings = new HashMap<>(DockerEngine.isWanted() ? DockerEngine.settings() : Map.of());
        settings.putAll(environment);
        this.environment = Map.copyOf(settings);
        this.prefix = List.copyOf(prefix);
        leftovers = new Leftovers(directory);
        // A test run that is stopped by hand must leave nothing running either.
        killAtExit = new Thread(this::killEverything, "kill-tailrace");
    }

    /** Starts a server in a new directory and waits until it is ready. */
    static TailraceServerProcess start() {
        return start(data -> {});
    }

    /** Prepares a data directory. */
    @FunctionalInterface
    interface Preparation {
        void prepare(Path dataDirectory) throws IOException;
    }

    /** As {@link #start()}, in a data directory that was prepared before. */
    static TailraceServerProcess start(Preparation preparation) {
        return start(preparation, Map.of(), List.of());
    }

    /**
     * Starts one with settings of its own, with the image {@code busybox}.
     *
     * @param environment as docs/guides/configuration.md has it
     * @param prefix what runs it, such as {@code prlimit --nofile=100}; empty: nothing
     */
    static TailraceServerProcess startWithBusybox(Map<String, String> environment, List<String> prefix) {
        TailraceServerProcess server = start(data -> {}, environment, prefix);
        try {
            server.run("image", "busybox").succeeded();
        } catch (Throwable e) {
            server.close();
            throw e;
        }
        return server;
    }

    private static TailraceServerProcess start(
            Preparation preparation, Map<String, String> environment, List<String> prefix) {
        try {
            // A short path: a unix socket's may have 107 characters.
            TailraceServerProcess server =
                    new TailraceServerProcess(Files.createTempDirectory("tailrace-"), environment, prefix);
            Files.createDirectories(server.directory.resolve("shared"));
            Files.createDirectories(server.hostsDirectory());
            Files.writeString(server.directory.resolve("token"), TOKEN);
            preparation.prepare(Files.createDirectories(server.dataDirectory()));
            Runtime.getRuntime().addShutdownHook(server.killAtExit);
            try {
                server.launch();
                server.awaitReady();
            } catch (Throwable e) {
                server.killEverything();
                throw e;
            }
            return server;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it uses a Docker Engine. */
    boolean isOnDocker() {
        return "docker".equals(environment.get("TAILRACE_RUNTIME_NAME"));
    }

    /** Its settings beside the places of its own, as an environment. */
    Map<String, String> settings() {
        return environment;
    }

    /** Kills it as {@code kill -9} does. Its containers, containerd and keeper run on. */
    void kill() {
        Process killed = running();
        killed.destroyForcibly();
        awaitEnd(killed);
    }

    /** Stops it as an operator does. Its containers run on. */
    int stop() {
        Process stopped = running();
        stopped.destroy();
        return awaitEnd(stopped);
    }

    /** Starts it again after a kill or a stop, on the same port. */
    void startAgain() {
        beginStart();
        awaitReady();
    }

    /** Starts it again and does not wait until it is ready: for who kills it before it is. */
    void beginStart() {
        assertThat(isAlive()).as("the server still runs").isFalse();
        launch();
    }

    /** Kills its containerd as {@code kill -9} does, and waits until it is gone. The server starts it again. */
    void killContainerd() {
        ProcessHandle containerd = containerd();
        containerd.destroyForcibly();
        containerd.onExit().orTimeout(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS).join();
    }

    /** Its containerd; fails if none runs. */
    ProcessHandle containerd() {
        return containerds().findFirst().orElseThrow(() -> new AssertionError("no containerd runs"));
    }

    /** Kills the shim of a container as {@code kill -9} does. */
    void killShim(String container) {
        List<ProcessHandle> shims = leftovers.processes().stream()
                .filter(process -> process.info().command().orElse("").endsWith("/containerd-shim-runc-v2"))
                .filter(process -> process.info().commandLine().orElse("").contains("-id " + container))
                .toList();
        assertThat(shims).as("shims of " + container).hasSize(1);
        shims.getFirst().destroyForcibly();
    }

    boolean isAlive() {
        return process != null && process.isAlive();
    }

    long pid() {
        return running().pid();
    }

    int port() {
        return port;
    }

    /** {@code host:port} */
    String address() {
        return "127.0.0.1:" + port;
    }

    URI uri(String path) {
        return URI.create("http://" + address() + path);
    }

    /** Its API over gRPC; reconnects by itself. */
    Api api() {
        return Objects.requireNonNull(api);
    }

    /** A Java client of it; reconnects by itself. */
    Tailrace client() {
        return Tailrace.builder().address("http://" + address()).token(TOKEN).build();
    }

    Path socket() {
        return directory.resolve("tailrace.sock");
    }

    /** A directory for what tests and containers share. */
    Path shared() {
        return directory.resolve("shared");
    }

    /** Where a server on containerd is told of registries: {@code runtime.hostsDirectory}. */
    Path hostsDirectory() {
        return directory.resolve("certs.d");
    }

    Path dataDirectory() {
        return directory.resolve("data");
    }

    /** A command line of the tailrace command that speaks to this server. */
    List<String> commandLine(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--host", "unix://" + socket()));
        all.addAll(List.of(arguments));
        return Launch.tailrace(all);
    }

    /** Starts the tailrace command. */
    Command startCommand(String... arguments) {
        return Command.start(commandLine(arguments));
    }

    /** Runs the tailrace command to its end, as users do: in a process of its own. */
    Command.Result runProcess(String... arguments) {
        return Command.run(COMMAND_LIMIT, commandLine(arguments));
    }

    /** The same in this process, in a fraction of the time: for tests of the server and not of the command. */
    Command.Result run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--host", "unix://" + socket()));
        all.addAll(List.of(arguments));
        return Command.runHere(COMMAND_LIMIT, all);
    }

    /** What its process takes of the machine now. */
    ProcessUsage usage() {
        return new ProcessUsage(pid());
    }

    /** The sum of what it tells of one thing at /metrics. */
    double metric(String name) {
        try (Http http = new Http(this)) {
            return http.get("/metrics")
                    .body()
                    .lines()
                    .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
                    .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                    .sum();
        }
    }

    /** What it has on the machine. */
    Leftovers leftovers() {
        return leftovers;
    }

    /** What it has logged since it was last started. */
    String log() {
        try {
            return Files.readString(logFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Removes all containers, stops everything, and fails if something is left. */
    @Override
    public void close() {
        Set<String> ids = new LinkedHashSet<>();
        try {
            if (isAlive()) {
                ids.addAll(api().removeAll());
                api().close();
                assertThat(stop()).as("exit code of the stopped server").isIn(0, 128 + 15);
            }
            stopContainerd();
            leftovers.assertNone(ids);
        } finally {
            Runtime.getRuntime().removeShutdownHook(killAtExit);
            killEverything();
        }
    }

    private void launch() {
        starts++;
        List<String> arguments = new ArrayList<>(List.of(
                "--listen", "127.0.0.1:" + port,
                "--second-port", "-1",
                "--data", dataDirectory().toString(),
                "--socket", socket().toString(),
                "--token-file", directory.resolve("token").toString()));
        List<String> line = new ArrayList<>(prefix);
        line.addAll(Launch.server(JAVA_OPTIONS, arguments));
        ProcessBuilder builder = new ProcessBuilder(line)
                .redirectErrorStream(true)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(logFile().toFile());
        // It has a token, and would give nothing of the host.
        builder.environment()
                .putAll(Map.of(
                        "TAILRACE_ACCESS_BINDS", "/",
                        "TAILRACE_ACCESS_DEVICES", "/",
                        "TAILRACE_ACCESS_PRIVILEGED", "allow"));
        if (!isOnDocker()) {
            builder.environment()
                    .put("TAILRACE_RUNTIME_HOSTS_DIRECTORY", hostsDirectory().toString());
        }
        builder.environment().putAll(environment);
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until it takes requests. */
    void awaitReady() {
        Waiting.until("the server to be ready", READY_LIMIT, () -> {
            String log = log();
            if (!isAlive()) {
                throw new AssertionError("the server ended before it was ready:\n" + log);
            }
            Matcher listens = LISTENS.matcher(log);
            if (!listens.find() || !READY.matcher(log).find()) {
                return false;
            }
            port = Integer.parseInt(listens.group(1));
            return true;
        });
        if (api == null) {
            api = Api.connect(address(), TOKEN);
        } else {
            api.reconnect();
        }
    }

    private Path logFile() {
        return directory.resolve("server-" + starts + ".log");
    }

    private Process running() {
        if (process == null || !process.isAlive()) {
            throw new AssertionError("the server does not run; its log:\n" + log());
        }
        return process;
    }

    private static int awaitEnd(Process ending) {
        try {
            assertThat(ending.waitFor(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS))
                    .as("the server ended")
                    .isTrue();
            return ending.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** The private containerd outlives its server on purpose: whoever wants it gone stops it. */
    private void stopContainerd() {
        containerds().forEach(containerd -> {
            containerd.destroy();
            containerd
                    .onExit()
                    .orTimeout(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)
                    .join();
        });
    }

    private Stream<ProcessHandle> containerds() {
        return leftovers.processes().stream()
                .filter(candidate -> candidate.info().command().orElse("").endsWith("/containerd"));
    }

    private void killEverything() {
        if (process != null) {
            process.destroyForcibly();
        }
        leftovers.remove();
    }
}
