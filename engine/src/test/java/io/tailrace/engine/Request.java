package io.tailrace.engine;

import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.TerminalSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Builds requests whose other values are the defaults. */
final class Request {
    private final List<String> command;
    private String id = "";
    private String name = "";
    private String image = "scripted";
    private Map<String, String> environment = Map.of();
    private ContainerSpec.Limits limits = ContainerSpec.Limits.NONE;
    private Map<String, String> labels = Map.of();
    private boolean hasStdin;
    private @Nullable TerminalSize terminal;
    private @Nullable List<String> entrypoint;
    private String workingDirectory = "";
    private String stopSignal = "";
    private @Nullable Duration timeout;
    private @Nullable Duration stopGrace;
    private @Nullable OnFullDisk onFullDisk;
    private boolean isAutoRemove;

    Request(String... command) {
        this.command = List.of(command);
    }

    Request id(String value) {
        id = value;
        return this;
    }

    Request name(String value) {
        name = value;
        return this;
    }

    Request image(String value) {
        image = value;
        return this;
    }

    Request environment(Map<String, String> value) {
        environment = value;
        return this;
    }

    Request labels(Map<String, String> value) {
        labels = value;
        return this;
    }

    Request onFullDisk(OnFullDisk value) {
        onFullDisk = value;
        return this;
    }

    Request memoryBytes(long value) {
        limits = new ContainerSpec.Limits(value, 0, 0, 0, "", 0);
        return this;
    }

    Request withStdin() {
        hasStdin = true;
        return this;
    }

    Request terminal(TerminalSize value) {
        terminal = value;
        return this;
    }

    Request entrypoint(String... value) {
        entrypoint = List.of(value);
        return this;
    }

    Request workingDirectory(String value) {
        workingDirectory = value;
        return this;
    }

    Request stopSignal(String value) {
        stopSignal = value;
        return this;
    }

    Request timeout(Duration value) {
        timeout = value;
        return this;
    }

    Request stopGrace(Duration value) {
        stopGrace = value;
        return this;
    }

    Request autoRemove() {
        isAutoRemove = true;
        return this;
    }

    NewContainer build() {
        return new NewContainer(
                id,
                name,
                image,
                entrypoint,
                command,
                environment,
                workingDirectory,
                "",
                "",
                ContainerSpec.NetworkMode.NONE,
                List.of(),
                false,
                limits,
                labels,
                hasStdin,
                false,
                terminal,
                false,
                List.of(),
                List.of(),
                stopSignal,
                stopGrace,
                timeout,
                onFullDisk,
                isAutoRemove);
    }
}
