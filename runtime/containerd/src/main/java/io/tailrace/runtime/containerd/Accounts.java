package io.tailrace.runtime.containerd;

import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The users and groups of a file tree: its {@code /etc/passwd} and {@code /etc/group}. */
record Accounts(String passwd, String group) {
    private static final long ID_MAX = 0x7fff_ffff;

    /** Whom a process runs as. */
    record User(long uid, long gid, List<Long> additionalGids, String home) {}

    static Accounts of(FileTree tree) {
        try {
            return new Accounts(tree.read("/etc/passwd"), tree.read("/etc/group"));
        } catch (IOException unreadable) {
            throw Failures.of("/etc/passwd", unreadable);
        }
    }

    /**
     * Resolves {@code user[:group]} by name or number as Docker does: a number needs no entry, a name does; without a
     * group it is the user's own, and the groups that list the user are added. The primary group is among the
     * additional ones, too, so that a program that drops it does not get past files that deny it.
     */
    User resolve(String user) {
        int colon = user.indexOf(':');
        String userPart = colon < 0 ? user : user.substring(0, colon);
        String groupPart = colon < 0 ? "" : user.substring(colon + 1);
        String wanted = userPart.isEmpty() ? "0" : userPart;
        Optional<String[]> entry = entries(passwd, 7)
                .filter(fields -> fields[0].equals(wanted) || fields[2].equals(wanted))
                .findFirst();
        long uid = entry.map(fields -> number(fields[2]))
                .orElseGet(() -> number(wanted))
                .orElseThrow(() -> unknown("user", userPart, "/etc/passwd"));
        String home =
                entry.map(fields -> fields[5]).filter(path -> !path.isEmpty()).orElse("/");
        if (!groupPart.isEmpty()) {
            long given = groupNumber(groupPart);
            return new User(uid, given, List.of(given), home);
        }
        long gid = entry.map(fields -> number(fields[3]).orElse(0)).orElse(0L);
        return new User(uid, gid, entry.map(fields -> groupsOf(fields[0], gid)).orElse(List.of(gid)), home);
    }

    /** As {@link #resolve(String)}, with more groups, by name or number. */
    User resolve(String user, List<String> groups) {
        User resolved = resolve(user);
        Stream<Long> more = groups.stream().map(this::groupNumber);
        return new User(
                resolved.uid(),
                resolved.gid(),
                Stream.concat(resolved.additionalGids().stream(), more)
                        .distinct()
                        .toList(),
                resolved.home());
    }

    private long groupNumber(String wanted) {
        return entries(group, 3)
                .filter(fields -> fields[0].equals(wanted))
                .map(fields -> number(fields[2]))
                .findFirst()
                .orElseGet(() -> number(wanted))
                .orElseThrow(() -> unknown("group", wanted, "/etc/group"));
    }

    private List<Long> groupsOf(String userName, long gid) {
        Stream<Long> listing = entries(group, 4)
                .filter(fields -> List.of(fields[3].split(",")).contains(userName))
                .map(fields -> number(fields[2]))
                .filter(OptionalLong::isPresent)
                .map(OptionalLong::getAsLong);
        return Stream.concat(Stream.of(gid), listing).distinct().toList();
    }

    private static Stream<String[]> entries(String file, int fieldsMin) {
        return file.lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> line.split(":", -1))
                .filter(fields -> fields.length >= fieldsMin);
    }

    private static OptionalLong number(String text) {
        if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            return OptionalLong.empty();
        }
        long number = Long.parseLong(text);
        return number <= ID_MAX ? OptionalLong.of(number) : OptionalLong.empty();
    }

    private static ContainerRuntimeException unknown(String kind, String name, String file) {
        return new ContainerRuntimeException(
                Code.INVALID_ARGUMENT,
                "%s: %s (expected: a name in the image's %s, or a number)".formatted(kind, name, file));
    }
}
