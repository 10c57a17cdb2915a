package io.tailrace.server;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.LayoutBase;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import org.slf4j.Logger;

/**
 * The log: one line an event, on stderr, since stdout belongs to whoever started the server. Levels come from the
 * environment. In code, because reading them from XML would take a tenth of the server's start; a file of logback's own, named by
 * {@code logback.configurationFile} or found on the class path, replaces all of this.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_NORMAL_PRIORITY)
public final class Logging extends ContextAwareBase implements Configurator {
    private static final String QUIET = "tailrace.log.quiet";
    private static final String FILE = "logback.configurationFile";
    private static final String[] FILES = {"logback-test.xml", "logback.xml"};
    private static final String[] LIBRARIES = {"com.linecorp.armeria", "io.netty", "io.grpc"};
    /** What it says is about rubbish on a connection, which is its sender's trouble. */
    private static final String CONNECTIONS = "com.linecorp.armeria.internal.common.AbstractHttp2ConnectionHandler";

    /** Made by logback, from the services of the class path. */
    public Logging() {}

    /** For a server within another command: warnings only, in that command's own form. Before the first event. */
    public static void quieten() {
        System.setProperty(QUIET, "true");
    }

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty(FILE) != null || hasFile()) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        boolean isQuiet = Boolean.getBoolean(QUIET);
        Map<String, String> environment = System.getenv();
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setLayout(isQuiet ? new MessageAlone() : new Line());
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        var root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(isQuiet ? Level.WARN : level(environment, "TAILRACE_LOG", Level.INFO));
        root.addAppender(appender);
        if (!isQuiet) {
            for (String library : LIBRARIES) {
                context.getLogger(library).setLevel(level(environment, "TAILRACE_LOG_LIBRARIES", Level.WARN));
            }
            context.getLogger(CONNECTIONS).setLevel(Level.OFF);
        }
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }

    private static boolean hasFile() {
        var loader = Logging.class.getClassLoader();
        for (String file : FILES) {
            if (loader.getResource(file) != null) {
                return true;
            }
        }
        return false;
    }

    private static Level level(Map<String, String> environment, String variable, Level otherwise) {
        return Level.toLevel(environment.get(variable), otherwise);
    }

    /** {@code 2026-01-02T03:04:05.678Z WARN  Engine what happened}, and below it the stack trace of what was thrown. */
    static final class Line extends LayoutBase<ILoggingEvent> {
        private static final DateTimeFormatter TIME =
                DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());

        @Override
        public String doLayout(ILoggingEvent event) {
            String name = event.getLoggerName();
            var line = new StringBuilder(TIME.format(Instant.ofEpochMilli(event.getTimeStamp())));
            String level = event.getLevel().toString();
            line.append(' ').append(level).append(" ".repeat(Math.max(1, 6 - level.length())));
            line.append(name, name.lastIndexOf('.') + 1, name.length()).append(' ');
            line.append(event.getFormattedMessage()).append('\n');
            if (event.getThrowableProxy() != null) {
                line.append(ThrowableProxyUtil.asString(event.getThrowableProxy()));
            }
            return line.toString();
        }
    }

    /** {@code tailrace: what happened}. */
    static final class MessageAlone extends LayoutBase<ILoggingEvent> {
        @Override
        public String doLayout(ILoggingEvent event) {
            return "tailrace: " + event.getFormattedMessage() + "\n";
        }
    }
}
