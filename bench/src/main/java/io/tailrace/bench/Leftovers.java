package io.tailrace.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a run leaves behind that was interrupted: containers whose shims outlive containerd on purpose, their mounts, and
 * files. All of it is known by the run's own directory, whose name nothing else has.
 */
final class Leftovers {
    private static final Duration END_TIMEOUT = Duration.ofSeconds(10);
    private static final int PASSES = 3;

    private Leftovers() {}

    /** Ends every process that was started with a path below a directory, and what these have started. */
    static void endProcesses(Path directory) throws InterruptedException {
        for (int pass = 0; pass < PASSES; pass++) {
            List<ProcessHandle> found = ProcessHandle.allProcesses()
                    .filter(process -> process.pid() != ProcessHandle.current().pid() && names(process, directory))
                    .flatMap(process -> Stream.concat(process.descendants(), Stream.of(process)))
                    .distinct()
                    .toList();
            found.forEach(ProcessHandle::destroyForcibly);
            for (ProcessHandle process : found) {
                awaitEnd(process);
            }
            if (found.isEmpty()) {
                return;
            }
        }
    }

    private static boolean names(ProcessHandle process, Path directory) {
        try {
            byte[] commandLine = Files.readAllBytes(Path.of("/proc/" + process.pid() + "/cmdline"));
            return new String(commandLine, StandardCharsets.UTF_8).contains(directory + "/");
        } catch (IOException ended) {
            return false;
        }
    }

    private static void awaitEnd(ProcessHandle process) throws InterruptedException {
        try {
            process.onExit().get(END_TIMEOUT.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            System.err.println("bench: process " + process.pid() + " did not end");
        }
    }

    /** Unmounts root file systems and the like of containers that were not removed in order. */
    static void unmount(Path directory) throws IOException, InterruptedException {
        List<String> mounts = Files.readAllLines(Path.of("/proc/self/mountinfo")).stream()
                .map(line -> line.split(" ")[4])
                .filter(target -> target.startsWith(directory + "/"))
                .toList();
        for (String target : mounts.reversed()) {
            Programs.run(List.of(Programs.require("umount").toString(), "--lazy", target));
        }
    }

    /** Deletes a directory and all that is in it. */
    static void delete(Path directory) throws IOException {
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, @Nullable IOException failure) throws IOException {
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
