package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Signals, cursors and states. */
class ValuesTest {
    @ParameterizedTest
    @CsvSource({
        "TERM, 15, SIGTERM",
        "SIGTERM, 15, SIGTERM",
        "sigterm, 15, SIGTERM",
        "15, 15, SIGTERM",
        "kill, 9, SIGKILL",
        "CLD, 17, SIGCHLD",
        "RTMIN, 34, SIGRTMIN",
        "RTMIN+1, 35, SIGRTMIN+1",
        "SIGRTMAX-1, 63, SIGRTMIN+29",
        "64, 64, SIGRTMAX",
        "33, 33, SIG33"
    })
    void signalsAreReadAsUsersNameThem(String text, int number, String name) {
        assertThat(Signal.parse(text)).isEqualTo(new Signal(number, name));
        assertThat(Signal.parse(name.equals("SIG33") ? "33" : name)).isEqualTo(new Signal(number, name));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "65", "-1", "SIG", "NOPE", "RTMIN+31", "RTMAX+1", "999999999999", "SIGSIGTERM"})
    void whatIsNoSignalIsRefused(String text) {
        assertThatThrownBy(() -> Signal.parse(text))
                .hasMessageStartingWith("signal: " + text)
                .extracting("code")
                .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }

    @Test
    void aCursorSurvivesItsText() {
        String id = "0123456789abcdef".repeat(4);
        for (Cursor cursor : List.of(
                new Cursor(id, 0), new Cursor(id + "/exec_1.x-y", 123), new Cursor("feed", 999_999_999_999_999_999L))) {
            assertThat(Cursor.parse(cursor.text())).isEqualTo(cursor);
            assertThat(cursor.text()).matches("[A-Za-z0-9~._-]{1,256}");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "feed",
                "feed~",
                "feed~-1",
                "feed~01",
                "x~1",
                "feed~1~2~3",
                "feed~9999999999999999999",
                "feed~1 "
            })
    void whatIsNoCursorIsRefused(String text) {
        assertThatThrownBy(() -> Cursor.parse(text)).extracting("code").isEqualTo(ErrorCode.INVALID_CURSOR);
    }

    @Test
    void aRemovedContainerBecomesNothingElse() {
        for (ContainerState state : ContainerState.values()) {
            assertThat(ContainerState.REMOVED.canBecome(state)).isFalse();
        }
    }
}
