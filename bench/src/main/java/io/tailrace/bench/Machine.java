package io.tailrace.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the numbers were measured on. */
final class Machine {
    private Machine() {}

    /** Facts by name, in the order in which they are shown. */
    static Map<String, String> facts(Rig rig) throws IOException, InterruptedException {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put(
                "processors",
                Runtime.getRuntime().availableProcessors() + " x " + field("/proc/cpuinfo", "model name"));
        facts.put("memory", field("/proc/meminfo", "MemTotal"));
        facts.put("kernel", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        facts.put("file system", Files.getFileStore(rig.directory()).type());
        facts.put("load before", Files.readString(Path.of("/proc/loadavg")).split(" ")[0]);
        facts.put("java", Runtime.version().toString());
        facts.put("containerd", Programs.version("containerd", "--version"));
        facts.put("runc", Programs.version("runc", "--version"));
        if (rig.docker().isPresent()) {
            facts.put("docker engine", rig.docker().get().version());
            facts.put("docker command", Programs.version("docker", "--version"));
        } else {
            facts.put("docker", "left out");
        }
        return facts;
    }

    private static String field(String file, String name) throws IOException {
        return Files.readAllLines(Path.of(file)).stream()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }
}
