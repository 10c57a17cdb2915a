package io.tailrace.runtime.containerd;

import io.tailrace.runtime.containerd.Linux.LinuxException;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Gives directories their times when all that an archive has in them is there, since each entry changes that of its directory.
 * Keeps no more than the directories which the current entry is in: an archive has what is in a directory right after it.
 */
final class DirectoryTimes {
    private final ContainerRoot root;
    private final Deque<Left> open = new ArrayDeque<>();
    private String current = "";

    private record Left(String path, long seconds, int nanos) {}

    DirectoryTimes(ContainerRoot root) {
        this.root = root;
    }

    /** The next entry: the directories that it is not in are complete. */
    void enter(String path) throws IOException {
        current = path;
        while (!open.isEmpty() && !path.startsWith(open.peek().path() + "/")) {
            leave(open.pop());
        }
    }

    /** The current entry is a directory with this time. */
    void keep(long seconds, int nanos) {
        open.push(new Left(current, seconds, nanos));
    }

    void leaveAll() throws IOException {
        while (!open.isEmpty()) {
            leave(open.pop());
        }
    }

    /** A directory that somebody has removed by now needs none. */
    private void leave(Left directory) throws IOException {
        try {
            int descriptor =
                    root.open(directory.path(), LinuxFiles.O_RDONLY | LinuxFiles.O_DIRECTORY | LinuxFiles.O_NOFOLLOW);
            try {
                LinuxFiles.changeTime(descriptor, ".", directory.seconds(), directory.nanos());
            } finally {
                Linux.close(descriptor);
            }
        } catch (LinuxException failure) {
            if (failure.errno() != Linux.ENOENT && failure.errno() != Linux.ENOTDIR) {
                throw FileFailures.of(LinuxFiles.shown(directory.path()), failure);
            }
        }
    }
}
