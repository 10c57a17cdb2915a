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

    private Launch() {}

    /** A command line of the tailrace command. */
    static List<String> tailrace(List<String> arguments) {
        List<String> line = new ArrayList<>();
        if (isPacked()) {
            line.add(ROOT.resolve("tailrace").toString());
        } else {
            line.addAll(java(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")));
        }
        line.addAll(arguments);
        return line;
    }

    /** A command line of the server: without the launcher, so that the process started is the server itself. */
    static List<String> server(List<String> javaOptions, List<String> arguments) {
        List<String> options = new ArrayList<>(javaOptions);
        Path cache = distribution().resolve("server.aot");
        if (Files.exists(cache)) {
            // As the launcher does.
            options.addAll(List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off"));
        }
        List<String> line = java(options);
        line.add("server");
        line.addAll(arguments);
        return line;
    }

    private static List<String> java(List<String> options) {
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        line.add("--enable-native-access=ALL-UNNAMED");
        line.add("--sun-misc-unsafe-memory-access=allow");
        line.addAll(options);
        line.add("-cp");
        line.add(isPacked() ? distribution().resolve("lib") + "/*" : System.getProperty("java.class.path"));
        line.add(MAIN);
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
