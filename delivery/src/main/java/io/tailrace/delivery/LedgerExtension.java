package io.tailrace.delivery;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;

/** Gives each test its ledger, judges it when the test ends, and writes its row. */
final class LedgerExtension implements ParameterResolver, InvocationInterceptor {
    /** The system property that says where rows go: a directory; without it nothing is written. */
    private static final String RESULTS_PROPERTY = "tailrace.delivery.results";

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(LedgerExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == Ledger.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return context.getStore(NAMESPACE).computeIfAbsent(Ledger.class, type -> newLedger(), Ledger.class);
    }

    private static Ledger newLedger() {
        return new Ledger(
                Long.getLong(Ledger.SEED_PROPERTY, System.nanoTime()), Boolean.getBoolean(Ledger.LONG_PROPERTY));
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<java.lang.reflect.Method> method,
            ExtensionContext context)
            throws Throwable {
        Ledger ledger = context.getStore(NAMESPACE).get(Ledger.class, Ledger.class);
        if (ledger == null) {
            invocation.proceed();
            return;
        }
        boolean hasPassed = false;
        try {
            invocation.proceed();
            check(ledger);
            hasPassed = true;
        } catch (Throwable e) {
            System.out.printf(Locale.ROOT, "-D%s=%d repeats %s%n", Ledger.SEED_PROPERTY, ledger.seed(), name(context));
            throw e;
        } finally {
            write(ledger.row(promises(context), name(context), hasPassed), context);
        }
    }

    private static void check(Ledger ledger) {
        if (!ledger.isClean()) {
            throw new AssertionError("the contract is broken: " + ledger);
        }
        if (ledger.attempts() == 0) {
            throw new AssertionError("a test of the contract that attempted nothing");
        }
    }

    private static String promises(ExtensionContext context) {
        Promise promise = context.getRequiredTestMethod().getAnnotation(Promise.class);
        if (promise == null) {
            throw new IllegalStateException("%s: no @Promise (expected: one that names what it attacks)"
                    .formatted(context.getRequiredTestMethod()));
        }
        if (Arrays.stream(promise.value()).anyMatch(number -> number < 1 || number > Promise.COUNT)) {
            throw new IllegalStateException("%s: @Promise(%s) (expected: 1 to %d)"
                    .formatted(context.getRequiredTestMethod(), Arrays.toString(promise.value()), Promise.COUNT));
        }
        return Arrays.stream(promise.value()).mapToObj(Integer::toString).collect(Collectors.joining(", "));
    }

    /** The method's name as words: {@code outputIsLost} becomes "output is lost". */
    private static String name(ExtensionContext context) {
        String method = context.getRequiredTestMethod().getName();
        return method.replaceAll("(\\p{Lower})(\\p{Upper}|\\d)", "$1 $2")
                .replaceAll("\\b(\\p{Upper})(\\p{Upper}\\p{Lower})", "$1 $2")
                .toLowerCase(Locale.ROOT);
    }

    private static void write(Row row, ExtensionContext context) {
        String directory = System.getProperty(RESULTS_PROPERTY);
        if (directory == null) {
            return;
        }
        try {
            Path results = Files.createDirectories(Path.of(directory));
            String test = context.getRequiredTestClass().getName() + "."
                    + context.getRequiredTestMethod().getName();
            Path file = results.resolve(Objects.requireNonNull(test) + DeliveryTable.SUFFIX);
            Files.writeString(file, row.line() + "\n", StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
