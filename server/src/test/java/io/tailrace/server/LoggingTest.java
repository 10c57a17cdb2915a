package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.LoggingEvent;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

class LoggingTest {
    private static LoggingEvent event(@Nullable Throwable thrown) {
        var logger = new LoggerContext().getLogger("io.tailrace.engine.Engine");
        return new LoggingEvent("here", logger, Level.WARN, "container {} is gone", thrown, new Object[] {"c1"});
    }

    @Test
    void anEventIsALineThatSaysWhenHowBadWhoAndWhat() {
        assertThat(new Logging.Line().doLayout(event(null)))
                .matches(
                        "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}(Z|[+-]\\d\\d:\\d\\d) WARN  Engine container c1 is gone\n");
    }

    @Test
    void whatWasThrownIsBelowIt() {
        var lines = new Logging.Line()
                .doLayout(event(new IOException("disk full")))
                .lines()
                .toList();

        assertThat(lines.get(1)).isEqualTo("java.io.IOException: disk full");
        assertThat(lines.get(2)).startsWith("\tat " + LoggingTest.class.getName());
    }

    @Test
    void aServerWithinACommandSaysOnlyWhatHappened() {
        assertThat(new Logging.MessageAlone().doLayout(event(new IOException("disk full"))))
                .isEqualTo("tailrace: container c1 is gone\n");
    }

    @Test
    void theLibrariesSpeakOnlyOfTrouble() {
        var context = (LoggerContext) LoggerFactory.getILoggerFactory();

        assertThat(context.getLogger(Logger.ROOT_LOGGER_NAME).getEffectiveLevel())
                .isEqualTo(Level.INFO);
        assertThat(context.getLogger("io.netty.channel").getEffectiveLevel()).isEqualTo(Level.WARN);
        assertThat(context.getLogger("com.linecorp.armeria.server").getEffectiveLevel())
                .isEqualTo(Level.WARN);
    }
}
