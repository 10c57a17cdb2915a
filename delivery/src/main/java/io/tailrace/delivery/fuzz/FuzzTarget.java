package io.tailrace.delivery.fuzz;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.List;

/**
 * A static method {@code void name(byte[])} of a test class: whatever it throws is a finding. Beside it there may be
 * {@code List<byte[]> nameSeeds()}, well-formed inputs to begin with. Thread-safe if the method is.
 */
final class FuzzTarget {
    private final Class<?> owner;
    private final Method method;

    private FuzzTarget(Class<?> owner, Method method) {
        this.owner = owner;
        this.method = method;
    }

    /** The target with a name. @throws IllegalArgumentException if there is none */
    static FuzzTarget of(Class<?> owner, String name) {
        try {
            Method method = owner.getDeclaredMethod(name, byte[].class);
            method.setAccessible(true);
            return new FuzzTarget(owner, method);
        } catch (NoSuchMethodException e) {
            throw new IllegalArgumentException(
                    "%s#%s (expected: a static method that takes byte[])".formatted(owner.getName(), name), e);
        }
    }

    /** The target that {@link #toString} named. */
    static FuzzTarget parse(String text) throws ClassNotFoundException {
        int hash = text.indexOf('#');
        return of(Class.forName(text.substring(0, hash)), text.substring(hash + 1));
    }

    /** Attacks with one input. */
    void attack(byte[] input) throws Exception {
        try {
            method.invoke(null, (Object) input);
        } catch (InvocationTargetException e) {
            switch (e.getCause()) {
                case Exception finding -> throw finding;
                case Error finding -> throw finding;
                case null, default -> throw e;
            }
        }
    }

    /** Well-formed inputs; empty if the target has none. */
    @SuppressWarnings("unchecked") // Anything else is a mistake of the test, and fails it.
    List<byte[]> seeds() {
        try {
            Method seeds = owner.getDeclaredMethod(method.getName() + "Seeds");
            seeds.setAccessible(true);
            return (List<byte[]>) seeds.invoke(null);
        } catch (NoSuchMethodException e) {
            return List.of();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("seeds of " + this, e);
        }
    }

    /** Where its inputs stand below a directory. */
    Path below(Path directory) {
        return directory
                .resolve(owner.getPackageName().replace('.', '/'))
                .resolve(owner.getSimpleName() + "Inputs")
                .resolve(method.getName());
    }

    @Override
    public String toString() {
        return owner.getName() + "#" + method.getName();
    }
}
