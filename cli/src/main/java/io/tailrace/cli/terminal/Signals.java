package io.tailrace.cli.terminal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Signals sent to this process, handled by a listener until closed.
 *
 * <p>sun.misc.Signal is the only way to handle one in Java, is exported for that (JEP 260), and cannot be named without a
 * warning that nothing suppresses: hence the reflection.
 */
public final class Signals implements AutoCloseable {
    private record Previous(Object signal, Object handler) {}

    private final List<Previous> previous = new ArrayList<>();

    private Signals() {}

    /**
     * Handles signals from now on; those that the virtual machine keeps for itself (QUIT prints its threads) stay with it.
     *
     * @param listener is given the name without SIG, on a thread of the virtual machine's own
     */
    public static Signals handle(Consumer<String> listener, String... names) {
        var signals = new Signals();
        for (var name : names) {
            signals.handle(listener, name);
        }
        return signals;
    }

    private void handle(Consumer<String> listener, String name) {
        try {
            Class<?> handlerType = Class.forName("sun.misc.SignalHandler");
            Object handler = Proxy.newProxyInstance(null, new Class<?>[] {handlerType}, (proxy, method, arguments) -> {
                if (method.getName().equals("handle")) {
                    listener.accept(name);
                }
                return null;
            });
            Object signal = Class.forName("sun.misc.Signal")
                    .getConstructor(String.class)
                    .newInstance(name);
            previous.add(new Previous(signal, install().invoke(null, signal, handler)));
        } catch (InvocationTargetException e) {
            if (!(e.getCause() instanceof IllegalArgumentException)) {
                throw new IllegalStateException("signal " + name, e);
            }
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("signal " + name, e);
        }
    }

    private static Method install() throws ReflectiveOperationException {
        return Class.forName("sun.misc.Signal")
                .getMethod("handle", Class.forName("sun.misc.Signal"), Class.forName("sun.misc.SignalHandler"));
    }

    @Override
    public void close() {
        for (var entry : previous) {
            try {
                install().invoke(null, entry.signal(), entry.handler());
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException("signal " + entry.signal(), e);
            }
        }
        previous.clear();
    }
}
