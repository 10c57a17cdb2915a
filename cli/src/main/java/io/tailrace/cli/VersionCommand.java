package io.tailrace.cli;

import io.tailrace.client.TailraceException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code tailrace version}. */
@Command(name = "version", header = "Show the versions of this command, of Java and of the server.")
final class VersionCommand extends Verb {
    @Option(names = "--json", description = "As JSON.")
    private boolean isJson;

    @Override
    public Integer call() {
        Map<String, String> versions = new LinkedHashMap<>();
        versions.put("client", ownVersion());
        versions.put("java", Runtime.version().toString());
        versions.put("system", "%s/%s".formatted(System.getProperty("os.name"), System.getProperty("os.arch")));
        try {
            askServer(versions);
        } catch (TailraceException e) {
            versions.put("server", "not reachable: " + e.getMessage());
        }
        if (isJson) {
            streams().println(Json.pretty(versions));
        } else {
            versions.forEach((name, version) -> streams().println("%-11s %s".formatted(name, version)));
        }
        return ExitCodes.OK;
    }

    private void askServer(Map<String, String> versions) {
        if (!ServerSession.isServerThere(tool())) {
            versions.put("server", "none runs here");
            return;
        }
        try (var tailrace = connect()) {
            var info = tailrace.info();
            versions.put("server", info.version());
            versions.put(info.runtime(), info.runtimeVersion());
        }
    }

    static String ownVersion() {
        var version = VersionCommand.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }
}
