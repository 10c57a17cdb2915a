package io.tailrace.acceptance;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives test classes the one server of their process, or the one that is {@link OnDocker}. It is started with the first class
 * that wants it and closed after the last one, where it is checked that nothing was left behind.
 */
final class ServerExtension implements ParameterResolver {
    private static final Namespace NAMESPACE = Namespace.create(ServerExtension.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TailraceServerProcess.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        boolean isOnDocker = context.getRequiredTestClass().isAnnotationPresent(OnDocker.class);
        // The root context would end with each class where several processes share the classes.
        TailraceServerProcess server = context.getStore(StoreScope.LAUNCHER_SESSION, NAMESPACE)
                .computeIfAbsent(
                        isOnDocker ? OnDocker.class : TailraceServerProcess.class,
                        type -> TailraceServerProcess.startWithBusybox(
                                isOnDocker ? DockerEngine.settings() : Map.of(), List.of()),
                        TailraceServerProcess.class);
        if (!server.isAlive()) {
            // A test that killed it and failed must not fail all others.
            server.startAgain();
        }
        return server;
    }
}
