package io.tailrace.acceptance;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Image archives of each kind, made from the host's static busybox as other tools would make them. */
final class Archives {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration TAR_LIMIT = Duration.ofSeconds(20);
    private static final List<String> APPLETS = List.of("sh", "cat", "echo", "seq", "sleep", "true");
    private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";
    private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";

    private final Path directory;

    /** @param directory exists; archives are made in it */
    Archives(Path directory) {
        this.directory = directory;
    }

    /** The tar of a root file system. */
    Path rootFileSystem() throws IOException {
        Path root = Files.createDirectories(directory.resolve("root"));
        Path bin = Files.createDirectories(root.resolve("bin"));
        Path busybox = bin.resolve("busybox");
        if (!Files.exists(busybox)) {
            Files.copy(Path.of("/usr/bin/busybox"), busybox);
            for (String applet : APPLETS) {
                Files.createSymbolicLink(bin.resolve(applet), Path.of("busybox"));
            }
            Files.writeString(root.resolve("motd"), "from a layer\n");
        }
        return tar("rootfs.tar", root);
    }

    /** What {@code docker save} writes. */
    Path dockerArchive(String reference) throws IOException {
        return dockerArchive(reference, Map.of());
    }

    /** As {@link #dockerArchive(String)}. @param healthCheck as Docker has it in an image's configuration */
    Path dockerArchive(String reference, Map<String, Object> healthCheck) throws IOException {
        Path contents = Files.createDirectories(directory.resolve("docker"));
        Path layer = rootFileSystem();
        Files.copy(layer, contents.resolve("layer.tar"));
        write(contents.resolve("config.json"), config(layer, healthCheck));
        write(
                contents.resolve("manifest.json"),
                List.of(Map.of(
                        "Config", "config.json", "RepoTags", List.of(reference), "Layers", List.of("layer.tar"))));
        return tar("docker.tar", contents);
    }

    /** An OCI image layout in a tar. */
    Path ociLayout(String reference) throws IOException {
        Path contents = Files.createDirectories(directory.resolve("oci"));
        Path blobs = Files.createDirectories(contents.resolve("blobs/sha256"));
        Path layer = rootFileSystem();
        Map<String, Object> layerBlob = blob(blobs, LAYER_TYPE, Files.readAllBytes(layer));
        Map<String, Object> configBlob = blob(blobs, CONFIG_TYPE, JSON.writeValueAsBytes(config(layer, Map.of())));
        Map<String, Object> manifest = Map.of(
                "schemaVersion", 2, "mediaType", MANIFEST_TYPE, "config", configBlob, "layers", List.of(layerBlob));
        Map<String, Object> manifestBlob = new HashMap<>(blob(blobs, MANIFEST_TYPE, JSON.writeValueAsBytes(manifest)));
        manifestBlob.put("annotations", Map.of("org.opencontainers.image.ref.name", reference));
        write(contents.resolve("index.json"), Map.of("schemaVersion", 2, "manifests", List.of(manifestBlob)));
        write(contents.resolve("oci-layout"), Map.of("imageLayoutVersion", "1.0.0"));
        return tar("oci.tar", contents);
    }

    private static Map<String, Object> config(Path layer, Map<String, Object> healthCheck) throws IOException {
        Map<String, Object> process =
                new HashMap<>(Map.of("Cmd", List.of("cat", "/motd"), "Env", List.of("PATH=/bin")));
        if (!healthCheck.isEmpty()) {
            process.put("Healthcheck", healthCheck);
        }
        return Map.of(
                "architecture",
                "amd64".equals(System.getProperty("os.arch")) ? "amd64" : "arm64",
                "os",
                "linux",
                "config",
                process,
                "rootfs",
                Map.of("type", "layers", "diff_ids", List.of("sha256:" + sha256(Files.readAllBytes(layer)))));
    }

    private static Map<String, Object> blob(Path blobs, String type, byte[] bytes) throws IOException {
        String sha256 = sha256(bytes);
        Files.write(blobs.resolve(sha256), bytes);
        return Map.of("mediaType", type, "digest", "sha256:" + sha256, "size", bytes.length);
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void write(Path file, Object json) throws IOException {
        Files.write(file, JSON.writeValueAsBytes(json));
    }

    private Path tar(String name, Path contents) {
        Path archive = directory.resolve(name);
        Command.run(
                        TAR_LIMIT,
                        List.of(
                                "tar",
                                "-C",
                                contents.toString(),
                                "--owner=0",
                                "--group=0",
                                "-cf",
                                archive.toString(),
                                "."))
                .succeeded();
        return archive;
    }
}
