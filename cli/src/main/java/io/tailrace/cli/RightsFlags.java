package io.tailrace.cli;

import io.tailrace.client.ContainerSpec;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** docker's flags for what a container's processes may do. */
final class RightsFlags {
    @Option(names = "--privileged", description = "Give it all capabilities and devices.")
    private boolean isPrivileged;

    @Option(names = "--cap-add", paramLabel = "NAME", description = "Add a capability.")
    private List<String> addedCapabilities = new ArrayList<>();

    @Option(names = "--cap-drop", paramLabel = "NAME", description = "Take a capability away; ALL: all.")
    private List<String> droppedCapabilities = new ArrayList<>();

    @Option(
            names = "--security-opt",
            paramLabel = "no-new-privileges",
            description = "Let no program gain rights, as setuid programs do.")
    private List<String> securityOptions = new ArrayList<>();

    @Option(names = "--group-add", paramLabel = "GROUP", description = "Add a group to the user's: name or number.")
    private List<String> groups = new ArrayList<>();

    @Option(
            names = "--ulimit",
            paramLabel = "NAME=SOFT[:HARD]",
            description = "What the kernel allows each process: nofile=1024:4096; -1: no limit.")
    private List<String> ulimits = new ArrayList<>();

    void set(ContainerSpec spec) {
        if (isPrivileged) {
            spec.privileged();
        }
        addedCapabilities.forEach(spec::addCapability);
        droppedCapabilities.forEach(spec::dropCapability);
        securityOptions.forEach(text -> securityOption(spec, text));
        groups.forEach(spec::groups);
        ulimits.forEach(text -> ulimit(spec, text));
    }

    private static void securityOption(ContainerSpec spec, String text) {
        switch (text) {
            case "no-new-privileges", "no-new-privileges:true", "no-new-privileges=true" -> spec.noNewPrivileges();
            case "no-new-privileges:false", "no-new-privileges=false" -> {}
            default -> throw new CliException("security-opt: \"%s\" (expected: no-new-privileges)".formatted(text));
        }
    }

    private static void ulimit(ContainerSpec spec, String text) {
        int equals = text.indexOf('=');
        int colon = text.indexOf(':', equals);
        if (equals < 1) {
            throw invalidUlimit(text);
        }
        try {
            long soft = Long.parseLong(text.substring(equals + 1, colon < 0 ? text.length() : colon));
            long hard = colon < 0 ? soft : Long.parseLong(text.substring(colon + 1));
            spec.ulimit(text.substring(0, equals), soft, hard);
        } catch (NumberFormatException notANumber) {
            throw invalidUlimit(text);
        }
    }

    private static CliException invalidUlimit(String text) {
        return new CliException("ulimit: \"%s\" (expected: NAME=SOFT or NAME=SOFT:HARD, in numbers)".formatted(text));
    }
}
