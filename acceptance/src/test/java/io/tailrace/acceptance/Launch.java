package io.tailrace.acceptance;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The command lines under test. What this build has packed is run as users run it, by the launcher; a build that has
 * packed nothing yet (only compiled) is run from its classes.
 */
final class Launch {
    /** The root of the source tree. */
    static final Path ROOT =
            Path.of(System.getProperty("tailrace.root", "..")).toAbsolutePath().normalize();

    static final String MAIN = "io.tailrace.cli.Main";

    private static final List<String> COMMAND_OPTIONS =
            List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:CompileThresholdScaling=5");

    private Launch() {}

    /** A command line of the tailrace command. */
    static List<String> tailrace(List<String> arguments) {
        List<String> line = new ArrayList<>();
        if (isPacked()) {
            line.add(ROOT.resolve("tailrace").toString());
        } else {
            line.addAll(java(COMMAND_OPTIONS, classPath(), MAIN));
        }
        line.addAll(arguments);
        return line;
    }

    /** A command line of the server: without the launcher, so that the process started is the server itself. */
    static List<String> server(List<String> javaOptions, List<String> arguments) {
        List<String> options = new ArrayList<>(javaOptions);
        options.addAll(cache("server.aot"));
        List<String> line = java(options, classPath(), MAIN);
        line.add("server");
        line.addAll(arguments);
        return line;
    }

    /** A command line of a program that uses the client. @param classes its directory */
    static List<String> program(Path classes, String main) {
        List<String> options = new ArrayList<>(COMMAND_OPTIONS);
        options.addAll(cache("tailrace.aot"));
        return java(options, classPath() + ":" + classes, main);
    }

    /** What has Java use a cache of the distribution, as the launcher does; empty if there is none. */
    private static List<String> cache(String name) {
        Path cache = distribution().resolve(name);
        return Files.exists(cache) ? List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off") : List.of();
    }

    private static String classPath() {
        return isPacked() ? distribution().resolve("lib") + "/*" : System.getProperty("java.class.path");
    }

    private static List<String> java(List<String> options, String classPath, String main) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.add("--enable-native-access=ALL-UNNAMED");
        line.add("--sun-misc-unsafe-memory-access=allow");
        line.addAll(options);
        line.add("-cp");
        line.add(classPath);
        line.add(main);
        return line;
    }

    private static boolean isPacked() {
        return Files.isDirectory(distribution().resolve("lib"));
    }

    private static Path distribution() {
        return Path.of(System.getenv()
                .getOrDefault("TAILRACE_DIST", ROOT.resolve("cli/target/dist").toString()));
    }
}
