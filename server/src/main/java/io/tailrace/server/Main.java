package io.tailrace.server;

import java.nio.file.Path;

/** Starts a server from a configuration file (the one argument, if there is one) and the environment. */
public final class Main {
    private static final int EXIT_CONFIG = 78; // EX_CONFIG of sysexits.h

    private Main() {}

    /** Runs until it is told to stop (SIGTERM, SIGINT). */
    public static void main(String[] arguments) throws InterruptedException {
        try {
            Path file = arguments.length > 0 ? Path.of(arguments[0]) : null;
            TailraceServer server = TailraceServer.start(ConfigFile.read(file, System.getenv()));
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
            server.awaitStop();
        } catch (ConfigException e) {
            System.err.println("tailrace: " + e.getMessage());
            System.exit(EXIT_CONFIG);
        }
    }
}
