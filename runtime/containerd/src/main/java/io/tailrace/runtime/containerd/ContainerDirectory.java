package io.tailrace.runtime.containerd;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * What this runtime keeps of one container on disk:
 *
 * <pre>
 * hosts hostname resolv.conf      mounted into the container
 * hosts.base                      the beginning of hosts, where names of others in its networks follow
 * networks.json                   the user-defined networks it belongs to, if any
 * network.json, network-1.json... the CNI result for each of its interfaces
 * ports.json                      the ports it is to publish, if any
 * published.json                  those that are published, each with its host port
 * netns                           its network namespace, where it is on a bridge: an nsfs mount on a file
 * init/{stdin,stdout,stderr}      the init process's pipes
 * files/                          where its file system is mounted, in a namespace of the mount's own, while files are copied
 * exec/&lt;id&gt;/{stdin,stdout,stderr} those of exec processes
 * </pre>
 *
 * @param path the directory, named by the container's id
 */
record ContainerDirectory(Path path) {
    private static final String MEMBERSHIPS = "networks.json";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeReference<List<Membership>> MEMBERSHIP_LIST = new TypeReference<>() {};

    /** The directories of all containers, by container id. */
    static List<String> ids(Path dataDirectory) {
        Path all = dataDirectory.resolve("containers");
        if (!Files.isDirectory(all)) {
            return List.of();
        }
        try (Stream<Path> entries = Files.list(all)) {
            return entries.map(entry -> entry.getFileName().toString()).toList();
        } catch (IOException failure) {
            throw Failures.of("list " + all, failure);
        }
    }

    static ContainerDirectory of(Path dataDirectory, String id) {
        return new ContainerDirectory(dataDirectory.resolve("containers").resolve(id));
    }

    boolean exists() {
        return Files.exists(path);
    }

    /** @return false if there is one already */
    boolean create() throws IOException {
        Files.createDirectories(path.getParent());
        try {
            Files.createDirectory(path);
            return true;
        } catch (FileAlreadyExistsException exists) {
            return false;
        }
    }

    Path networkNamespace() {
        return path.resolve("netns");
    }

    /** @param index of the interface, from 0 */
    Path networkResult(int index) {
        return path.resolve(index == 0 ? "network.json" : "network-%d.json".formatted(index));
    }

    /** The user-defined networks that the container belongs to, in their order; none where it is on the default bridge. */
    List<Membership> memberships() throws IOException {
        try {
            return JSON.readValue(Files.readAllBytes(path.resolve(MEMBERSHIPS)), MEMBERSHIP_LIST);
        } catch (NoSuchFileException none) {
            return List.of();
        }
    }

    /** Readers see either those of before or these, also after a crash. */
    void writeMemberships(List<Membership> memberships) throws IOException {
        Path file = path.resolve(MEMBERSHIPS);
        Path next = path.resolve(MEMBERSHIPS + ".next");
        Files.write(next, JSON.writeValueAsBytes(memberships));
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    Path hostsBase() {
        return path.resolve("hosts.base");
    }

    Path wantedPorts() {
        return path.resolve("ports.json");
    }

    Path publishedPorts() {
        return path.resolve("published.json");
    }

    Path files() {
        return path.resolve("files");
    }

    Path init() {
        return path.resolve("init");
    }

    Path exec(String id) {
        return path.resolve("exec").resolve(id);
    }

    /** The pipes of all processes that were not deleted. */
    List<Stdio> leftStdio() throws IOException {
        if (!exists()) {
            return List.of();
        }
        try (Stream<Path> entries = Files.walk(path, 3)) {
            return entries.filter(entry -> entry.endsWith("stdout") || entry.endsWith("stderr"))
                    .map(Path::getParent)
                    .distinct()
                    .map(directory -> new Stdio(directory, false, true))
                    .toList();
        }
    }

    /** The name that the container was told. */
    String hostname() {
        try {
            return Files.readString(path.resolve("hostname")).strip();
        } catch (IOException gone) {
            return "";
        }
    }

    void remove() throws IOException {
        if (!exists()) {
            return;
        }
        List<Path> entries;
        try (Stream<Path> stream = Files.walk(path)) {
            entries = stream.toList();
        }
        for (Path entry : entries.reversed()) {
            Files.deleteIfExists(entry);
        }
    }
}
