package io.tailrace.runtime.containerd;

import io.grpc.StatusRuntimeException;
import io.tailrace.runtime.containerd.proto.content.Status;
import io.tailrace.runtime.spi.ContainerRuntimeException;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.Images.Progress;
import io.tailrace.runtime.spi.Images.ProgressListener;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches images with {@code ctr}, which comes with containerd and speaks to registries; containerd itself learnt that
 * in version 2 only. How far it has come is read from the content store.
 */
final class ImagePull {
    private static final long PULL_MILLIS = 3_600_000;
    private static final long POLL_MILLIS = 200;
    private static final int OUTPUT_CHARACTERS_MAX = 500;
    /** Of ctr's output: what it says before it shows its progress. */
    private static final int BEGINNING_BYTES_MAX = 8192;

    private static final Logger LOGGER = LoggerFactory.getLogger(ImagePull.class);
    private static final Pattern NOT_FOUND = Pattern.compile("not found|manifest unknown|name unknown");
    private static final Pattern PASSED_OVER = Pattern.compile("failed to decode hosts\\.toml\" error=(.{1,200})");
    private static final Pattern DENIED = Pattern.compile(
            "unauthorized|forbidden|denied|insufficient_scope|authorization failed", Pattern.CASE_INSENSITIVE);

    private final ContainerdConfig config;
    private final Blobs blobs;

    ImagePull(ContainerdConfig config, Blobs blobs) {
        this.config = config;
        this.blobs = blobs;
    }

    /** Fetches and names an image. */
    void pull(ImageReference reference, ProgressListener progress) {
        progress.progressed(new Progress("manifest", "downloading", 0, 0));
        try {
            Path output = Files.createTempFile("tailrace-pull", ".log");
            try {
                Process process = start(reference, output);
                try {
                    await(process, reference, progress);
                } finally {
                    process.destroyForcibly();
                }
                String passedOver = passedOver(output);
                if (process.exitValue() != 0) {
                    throw failed(reference, Files.readString(output), passedOver);
                }
                if (!passedOver.isEmpty()) {
                    LOGGER.warn("pulled {}{}", reference, passedOver);
                }
            } finally {
                Files.deleteIfExists(output);
            }
        } catch (IOException failure) {
            throw new ContainerRuntimeException(
                    Code.UNSUPPORTED,
                    "pull %s: ctr: %s (expected: the ctr command that comes with containerd)"
                            .formatted(reference, failure.getMessage()),
                    failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new ContainerRuntimeException(
                    Code.DEADLINE_EXCEEDED, "pull %s: interrupted".formatted(reference), interrupted);
        }
        progress.progressed(new Progress("manifest", "done", 0, 0));
    }

    private Process start(ImageReference reference, Path output) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                "ctr",
                "--address",
                config.socket().toString(),
                "--namespace",
                config.namespace(),
                "images",
                "pull",
                "--snapshotter",
                config.snapshotter()));
        if (reference.isLocal()) {
            // Of what the hosts directory says nothing about.
            command.add("--plain-http");
        }
        config.hostsDirectory()
                .filter(Files::isDirectory)
                .ifPresent(directory -> command.addAll(List.of("--hosts-dir", directory.toString())));
        command.add(reference.toString());
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
    }

    private void await(Process process, ImageReference reference, ProgressListener progress)
            throws InterruptedException {
        long deadlineNanos = System.nanoTime() + PULL_MILLIS * 1_000_000;
        Map<String, Long> totals = new HashMap<>();
        while (!process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() > deadlineNanos) {
                throw new ContainerRuntimeException(
                        Code.DEADLINE_EXCEEDED, "pull %s: not done after an hour".formatted(reference));
            }
            report(totals, progress);
        }
        totals.forEach((part, total) -> progress.progressed(new Progress(part, "done", total, total)));
    }

    /** containerd's names of ongoing writes are {@code layer-sha256:...}, {@code config-...}, {@code manifest-...}. */
    private void report(Map<String, Long> totals, ProgressListener progress) {
        List<Status> writing;
        try {
            writing = blobs.writing();
        } catch (StatusRuntimeException notNow) {
            return;
        }
        for (Status status : writing) {
            if (status.getRef().startsWith("layer-")) {
                String part = status.getRef().substring("layer-".length());
                totals.put(part, status.getTotal());
                progress.progressed(new Progress(part, "downloading", status.getOffset(), status.getTotal()));
            }
        }
    }

    /** That ctr could not read what is said of the registry, and went on without; empty if that is not so. */
    private static String passedOver(Path output) throws IOException {
        try (InputStream in = Files.newInputStream(output)) {
            Matcher matcher =
                    PASSED_OVER.matcher(new String(in.readNBytes(BEGINNING_BYTES_MAX), StandardCharsets.UTF_8));
            return matcher.find() ? "; its hosts.toml was passed over: " + matcher.group(1) : "";
        }
    }

    private static ContainerRuntimeException failed(ImageReference reference, String output, String passedOver) {
        List<String> lines = output.lines().filter(line -> !line.isBlank()).toList();
        String last = lines.isEmpty() ? "no reason given" : lines.getLast();
        String reason = last.substring(0, Math.min(last.length(), OUTPUT_CHARACTERS_MAX));
        return new ContainerRuntimeException(
                code(reference.toString(), reason), "pull %s: %s%s".formatted(reference, reason, passedOver));
    }

    /** What ctr's reason comes down to. The image's own name, which may be any word, says nothing. */
    static Code code(String reference, String reason) {
        String words = reason.replace(reference, "");
        return DENIED.matcher(words).find()
                ? Code.PERMISSION_DENIED
                : NOT_FOUND.matcher(words).find() ? Code.NOT_FOUND : Code.UNAVAILABLE;
    }
}
