package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.util.ArrayList;
import java.util.List;

/** The names in an archive of files, as Docker takes them: below the directory they are unpacked into, or refused. */
final class TarNames {
    private static final int NAME_BYTES_MAX = 4_096;

    private TarNames() {}

    /** A path's last part, after dots and slashes; the slash itself for the root. */
    static String base(String path) {
        List<String> parts = parts(path);
        return parts.isEmpty() ? "/" : parts.getLast();
    }

    /**
     * The parts of a name; none for the directory itself. A slash at the beginning says nothing.
     *
     * @throws ContainerRuntimeException INVALID_ARGUMENT if it leads out of the directory
     */
    static List<String> below(String what, String name) {
        if (name.length() > NAME_BYTES_MAX || name.indexOf(0) >= 0) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "%s: %s (expected: at most %d bytes, and no NUL)"
                            .formatted(
                                    what,
                                    LinuxFiles.shown(name.substring(0, Math.min(80, name.length()))),
                                    NAME_BYTES_MAX));
        }
        List<String> parts = parts(name);
        if (!parts.isEmpty() && parts.getFirst().equals("..")) {
            throw new ContainerRuntimeException(
                    Code.INVALID_ARGUMENT,
                    "%s: %s (expected: one that does not lead out of the directory)"
                            .formatted(what, LinuxFiles.shown(name)));
        }
        return parts;
    }

    /** Refuses a symbolic link that leads out of the directory. @param parent of the link */
    static void checkTarget(String parent, String target) {
        List<String> parts = below("link target", parent + "/" + target);
        assert parts != null;
    }

    private static List<String> parts(String path) {
        List<String> parts = new ArrayList<>();
        for (String part : path.split("/")) {
            if (part.equals("..") && !parts.isEmpty() && !parts.getLast().equals("..")) {
                parts.removeLast();
            } else if (part.equals("..")) {
                parts.add(part);
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }
}
