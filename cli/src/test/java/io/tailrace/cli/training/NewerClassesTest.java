package io.tailrace.cli.training;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class NewerClassesTest {
    @TempDir
    private Path directory;

    private Path copyOfJarOf(Class<?> type) throws IOException, URISyntaxException {
        var source =
                Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI());
        return Files.copy(source, directory.resolve("library.jar"));
    }

    private static int oldestVersion(Path path) throws IOException {
        int oldest = Integer.MAX_VALUE;
        try (var jar = new JarFile(path.toFile())) {
            for (var entry : jar.stream().toList()) {
                if (entry.getName().endsWith(".class")) {
                    try (var bytes = jar.getInputStream(entry)) {
                        var model = ClassFile.of().parse(bytes.readAllBytes());
                        oldest = Math.min(oldest, model.majorVersion());
                    }
                }
            }
        }
        return oldest;
    }

    @Test
    void aLibraryThatTheCacheWouldRefuseIsTakenAndStillWorks() throws Exception {
        var jar = copyOfJarOf(CommandLine.class);
        assertThat(oldestVersion(jar)).isLessThan(ClassFile.JAVA_6_VERSION);

        NewerClasses.replace(jar);

        assertThat(oldestVersion(jar)).isGreaterThanOrEqualTo(ClassFile.JAVA_6_VERSION);
        assertThat(directory).isDirectoryContaining("glob:**library.jar").isDirectoryNotContaining("glob:**.next");
        try (var loader = new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            var help = loader.loadClass("picocli.CommandLine$Help$Ansi").getMethod("valueOf", String.class);
            assertThat(help.invoke(null, "OFF")).hasToString("OFF");
        }
    }

    @Test
    void aLibraryOfNewClassesStaysAsItIs() throws Exception {
        var jar = copyOfJarOf(org.assertj.core.api.Assertions.class);
        var before = Files.readAllBytes(jar);

        NewerClasses.replace(jar);

        assertThat(jar).hasBinaryContent(before);
    }
}
