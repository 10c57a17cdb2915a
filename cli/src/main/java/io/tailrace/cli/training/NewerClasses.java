package io.tailrace.cli.training;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.constant.ClassDesc;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Brings the classes of a jar to a version with stack maps. The JVM keeps no older classes in an AOT cache: each start
 * would read them anew and verify them in the slow, old way. Nothing else of them is changed. The jar is replaced only
 * when every class of the new one could be linked.
 */
public final class NewerClasses {
    /** The first version that must have stack maps is 50; this is the first that they are fully relied on in: Java 8. */
    private static final int VERSION = ClassFile.JAVA_8_VERSION;

    private NewerClasses() {}

    /** Replaces jars that have older classes. @param arguments the jars */
    public static void main(String[] arguments) throws IOException {
        for (String argument : arguments) {
            replace(Path.of(argument));
        }
    }

    /** Replaces a jar, if it has older classes. */
    static void replace(Path jar) throws IOException {
        Path next = jar.resolveSibling(jar.getFileName() + ".next");
        try {
            if (write(jar, next)) {
                link(next);
                Files.move(next, jar, StandardCopyOption.ATOMIC_MOVE);
            }
        } finally {
            Files.deleteIfExists(next);
        }
    }

    /** Whether there was anything to change. */
    private static boolean write(Path jar, Path next) throws IOException {
        boolean isChanged = false;
        try (var source = new JarFile(jar.toFile());
                var target = new ZipOutputStream(Files.newOutputStream(next))) {
            var classes = ClassFile.of(
                    ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(hierarchy(source)));
            for (var entry : source.stream().toList()) {
                byte[] bytes = read(source, entry.getName());
                if (isClass(entry.getName())) {
                    var model = classes.parse(bytes);
                    if (model.majorVersion() < ClassFile.JAVA_6_VERSION) {
                        bytes = classes.transformClass(model, NEWER);
                        isChanged = true;
                    }
                }
                target.putNextEntry(new ZipEntry(entry.getName()));
                target.write(bytes);
                target.closeEntry();
            }
        }
        return isChanged;
    }

    private static final ClassTransform NEWER = (builder, element) -> {
        switch (element) {
            case ClassFileVersion older -> builder.withVersion(VERSION, 0);
            // Written anew, instruction by instruction, so that it gets stack maps.
            case MethodModel method ->
                builder.transformMethod(method, MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL));
            default -> builder.with(element);
        }
    };

    private static boolean isClass(String name) {
        return name.endsWith(".class") && !name.endsWith("module-info.class");
    }

    private static ClassHierarchyResolver hierarchy(JarFile jar) {
        return ClassHierarchyResolver.ofResourceParsing(type -> resource(jar, type))
                .orElse(ClassHierarchyResolver.defaultResolver());
    }

    private static @Nullable InputStream resource(JarFile jar, ClassDesc type) {
        String descriptor = type.descriptorString();
        String name = descriptor.substring(1, descriptor.length() - 1) + ".class";
        try {
            return jar.getEntry(name) == null ? null : new ByteArrayInputStream(read(jar, name));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(JarFile jar, String name) throws IOException {
        try (var bytes = jar.getInputStream(jar.getEntry(name))) {
            return bytes.readAllBytes();
        }
    }

    /** Has every class verified that has all it refers to. @throws VerifyError for one that is wrong */
    private static void link(Path jar) throws IOException {
        try (var classes = new JarFile(jar.toFile());
                var loader =
                        new URLClassLoader(new URL[] {jar.toUri().toURL()}, ClassLoader.getPlatformClassLoader())) {
            for (var entry : classes.stream().toList()) {
                if (isClass(entry.getName())) {
                    String name = entry.getName().replace('/', '.');
                    link(loader, name.substring(0, name.length() - ".class".length()));
                }
            }
        }
    }

    private static void link(ClassLoader loader, String name) throws IOException {
        try {
            // Asking for its methods links it.
            var _ = loader.loadClass(name).getDeclaredMethods();
        } catch (ClassNotFoundException e) {
            throw new IOException("class %s: not found where it was written".formatted(name), e);
        } catch (NoClassDefFoundError e) {
            // It is for a library that is not here, and was not usable before either.
            return;
        }
    }
}
