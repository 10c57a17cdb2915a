package io.tailrace.runtime.docker;

import com.fasterxml.jackson.databind.JsonNode;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The few things about a container that the engine does not keep for us, under the data directory: which processes are
 * prepared, and where in the engine's log a run begins. Thread-safe, as the file system is.
 */
final class ContainerFiles {
    private static final String CONTAINERS = "docker";
    private static final String INIT = "init.json";
    private static final String EXECS = "execs";

    private final Path directory;

    private ContainerFiles(Path directory) {
        this.directory = directory;
    }

    static ContainerFiles of(Path dataDirectory, Place place) {
        return new ContainerFiles(dataDirectory.resolve(CONTAINERS).resolve(place.id()));
    }

    /**
     * A prepared init process.
     *
     * @param startedBefore when the container's run before this one began, as the engine writes it
     * @param since the engine's time before this run, as its logs take it; empty for all
     */
    record InitFile(String startedBefore, String since) {}

    /**
     * A prepared exec process.
     *
     * @param engineId the engine's name for it
     */
    record ExecFile(String engineId, boolean hasTerminal, boolean hasStdin) {}

    void writeInit(InitFile file) {
        write(directory.resolve(INIT), Map.of("startedBefore", file.startedBefore(), "since", file.since()));
    }

    Optional<InitFile> readInit() {
        return read(directory.resolve(INIT))
                .map(json -> new InitFile(
                        json.path("startedBefore").asText(), json.path("since").asText()));
    }

    void removeInit() {
        remove(directory.resolve(INIT));
    }

    void writeExec(String id, ExecFile file) {
        write(
                execPath(id),
                Map.of("engineId", file.engineId(), "terminal", file.hasTerminal(), "stdin", file.hasStdin()));
    }

    Optional<ExecFile> readExec(String id) {
        return read(execPath(id))
                .map(json -> new ExecFile(
                        json.path("engineId").asText(),
                        json.path("terminal").asBoolean(),
                        json.path("stdin").asBoolean()));
    }

    void removeExec(String id) {
        remove(execPath(id));
    }

    /** Keeps something else of it, in a file of this name. */
    void write(String name, Map<String, Object> value) {
        write(directory.resolve(name), value);
    }

    Optional<JsonNode> read(String name) {
        return read(directory.resolve(name));
    }

    void remove(String name) {
        remove(directory.resolve(name));
    }

    private Path execPath(String id) {
        return directory.resolve(EXECS).resolve(id + ".json");
    }

    private static void write(Path file, Map<String, Object> value) {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.write(fresh, Json.bytes(value));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw failure("write", file, e);
        }
    }

    private static Optional<JsonNode> read(Path file) {
        try {
            return Optional.of(Json.MAPPER.readTree(Files.readAllBytes(file)));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            throw failure("read", file, e);
        }
    }

    private static void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw failure("remove", file, e);
        }
    }

    /** Removes all of the container. */
    void remove() {
        try (Stream<Path> tree = Files.walk(directory)) {
            List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (NoSuchFileException e) {
            // Never made.
        } catch (IOException e) {
            throw failure("remove", directory, e);
        }
    }

    private static ContainerRuntimeException failure(String action, Path file, IOException e) {
        return new ContainerRuntimeException(Code.INTERNAL, "%s %s: %s".formatted(action, file, e), e);
    }
}
