package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import io.tailrace.runtime.containerd.StoredContainer.Bind;
import io.tailrace.runtime.containerd.proto.types.Mount;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/**
 * The root of a container that has no process: its snapshot, and what is bound into it, mounted in a namespace of their own. Two
 * descriptors hold that namespace, and nothing else does, so the mounts end with this, or with the server, however that ends.
 */
final class StoppedRoot extends ContainerRoot {
    /** What mount(2) takes of options: a page. */
    private static final int OPTIONS_BYTES_MAX = 4_095;

    private static final int MOUNT_POINT_MODE = 0755;

    private final String id;
    private final int namespace;
    private volatile boolean isRevoked;

    private StoppedRoot(String id, Descriptors descriptors) {
        super(descriptors.root());
        this.id = id;
        namespace = descriptors.namespace();
    }

    private record Descriptors(int root, int namespace) {}

    /**
     * Mounts.
     *
     * @param point a directory to mount on, made if it is missing, where nothing is seen of it
     * @param snapshot containerd's words for it
     */
    static StoppedRoot mount(String id, Path point, List<Mount> snapshot, List<Bind> binds, boolean isReadOnly)
            throws IOException {
        Files.createDirectories(point);
        CompletableFuture<Descriptors> made = new CompletableFuture<>();
        Thread.ofPlatform().name("mount-files").start(() -> {
            try {
                made.complete(mount(point.toString(), snapshot, binds, isReadOnly));
            } catch (Throwable failure) {
                made.completeExceptionally(failure);
            }
        });
        try {
            return new StoppedRoot(id, made.join());
        } catch (CompletionException failure) {
            if (failure.getCause() instanceof IOException expected) {
                throw expected;
            }
            throw failure;
        }
    }

    /** For a thread of its own, whose view of the file system is the container's from then on. */
    private static Descriptors mount(String point, List<Mount> snapshot, List<Bind> binds, boolean isReadOnly)
            throws IOException {
        LinuxMounts.leave();
        int namespace = Linux.open(Path.of("/proc/thread-self/ns/mnt"), LinuxFiles.O_RDONLY);
        try {
            for (Mount mount : snapshot) {
                mount(mount, point);
            }
            int root = Linux.open(Path.of(point), LinuxFiles.O_PATH | LinuxFiles.O_DIRECTORY);
            try {
                for (Bind bind : binds) {
                    bind(root, bind);
                }
                LinuxMounts.enter(point);
                if (isReadOnly) {
                    LinuxMounts.makeReadOnly(".");
                }
                Descriptors made = new Descriptors(root, namespace);
                // From here on this thread finds no file of the server's, not even of one more class.
                LinuxMounts.dropAllElse();
                return made;
            } catch (Throwable failure) {
                Linux.close(root);
                throw failure;
            }
        } catch (Throwable failure) {
            Linux.close(namespace);
            throw failure;
        }
    }

    private static void mount(Mount mount, String point) throws IOException {
        if (mount.getType().equals("bind")) {
            LinuxMounts.bind(mount.getSource(), point);
            return;
        }
        List<String> options = new ArrayList<>(mount.getOptionsList());
        options.removeIf(option -> option.equals("rw"));
        String data = String.join(",", options);
        if (data.length() > OPTIONS_BYTES_MAX) {
            data = shortened(options);
        }
        LinuxMounts.mount(mount.getSource(), point, mount.getType(), data);
    }

    /** With layers named from the directory that they have in common, which the thread goes to. */
    private static String shortened(List<String> options) throws IOException {
        String key = "lowerdir=";
        List<String> shorter = new ArrayList<>();
        for (String option : options) {
            if (option.startsWith(key)) {
                List<Path> layers = new ArrayList<>();
                for (String layer : option.substring(key.length()).split(":")) {
                    layers.add(Path.of(layer));
                }
                Path common = common(layers);
                LinuxMounts.enter(common.toString());
                shorter.add(key
                        + String.join(
                                ":",
                                layers.stream()
                                        .map(common::relativize)
                                        .map(Path::toString)
                                        .toList()));
            } else {
                shorter.add(option);
            }
        }
        return String.join(",", shorter);
    }

    private static Path common(List<Path> layers) {
        for (Path candidate = layers.getFirst();
                ;
                candidate = candidate.resolve("..").normalize()) {
            Path common = candidate;
            if (layers.stream().allMatch(layer -> layer.startsWith(common))) {
                return common;
            }
        }
    }

    /** Binds as runc does when it starts the container: what there is nothing to mount on for is made. */
    private static void bind(int root, Bind bind) throws IOException {
        if (!Files.exists(Path.of(bind.source()))) {
            return; // The container cannot be started either, and that says so.
        }
        ContainerRoot open = new ContainerRoot(root);
        String target = LinuxFiles.name(bind.target());
        int point = openPoint(open, target, Files.isDirectory(Path.of(bind.source())));
        try {
            LinuxMounts.bind(bind.source(), LinuxFiles.again(point).toString());
        } finally {
            Linux.close(point);
        }
        if (bind.isReadOnly()) {
            int mounted = open.open(target, LinuxFiles.O_PATH);
            try {
                LinuxMounts.makeReadOnly(LinuxFiles.again(mounted).toString());
            } finally {
                Linux.close(mounted);
            }
        }
    }

    private static int openPoint(ContainerRoot root, String target, boolean isDirectory) throws IOException {
        try {
            return root.open(target, LinuxFiles.O_PATH);
        } catch (LinuxException failure) {
            if (failure.errno() != Linux.ENOENT) {
                throw failure;
            }
        }
        String parent = isDirectory ? target : target.substring(0, target.lastIndexOf('/') + 1);
        int directory = Directories.open(root, "/", parent, MOUNT_POINT_MODE);
        if (isDirectory) {
            return directory;
        }
        try {
            Linux.close(LinuxFiles.open(
                    directory,
                    target.substring(parent.length()),
                    Linux.O_WRONLY | LinuxFiles.O_CREAT | LinuxFiles.O_EXCL | LinuxFiles.O_NOFOLLOW));
        } finally {
            Linux.close(directory);
        }
        return root.open(target, LinuxFiles.O_PATH);
    }

    /** Whoever uses it still is told that the container has a process now: two cannot have its snapshot mounted. */
    void revoke() {
        isRevoked = true;
    }

    @Override
    void check() {
        if (isRevoked) {
            throw new ContainerRuntimeException(
                    Code.FAILED_PRECONDITION,
                    "container %s was started or removed while its files were copied".formatted(id));
        }
    }

    @Override
    public void close() {
        super.close();
        Linux.close(namespace);
    }
}
