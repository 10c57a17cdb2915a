package io.tailrace.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class DetachKeysTest {
    private static final String CTRL_P = "\020";
    private static final String CTRL_Q = "\021";

    @Test
    void theKeysDetachAndAreNotPassedOn() {
        var keys = DetachKeys.parse("ctrl-p,ctrl-q");
        assertThat(take(keys, "ab" + CTRL_P + CTRL_Q + "cd")).isEqualTo("ab");
        assertThat(keys.isDetached()).isTrue();
    }

    @Test
    void theKeysMayComeOneByOne() {
        var keys = DetachKeys.parse("ctrl-p,ctrl-q");
        assertThat(take(keys, CTRL_P)).isEmpty();
        assertThat(keys.isDetached()).isFalse();
        assertThat(take(keys, CTRL_Q)).isEmpty();
        assertThat(keys.isDetached()).isTrue();
    }

    @Test
    void aBeginningThatIsNoneIsPassedOn() {
        var keys = DetachKeys.parse("ctrl-p,ctrl-q");
        assertThat(take(keys, CTRL_P)).isEmpty();
        assertThat(take(keys, "x")).isEqualTo(CTRL_P + "x");
        assertThat(take(keys, CTRL_P + CTRL_P)).isEqualTo(CTRL_P);
        assertThat(take(keys, CTRL_Q)).isEmpty();
        assertThat(keys.isDetached()).isTrue();
    }

    @Test
    void withoutKeysEverythingIsPassedOn() {
        var keys = DetachKeys.parse("");
        assertThat(take(keys, CTRL_P + CTRL_Q)).isEqualTo(CTRL_P + CTRL_Q);
    }

    @Test
    void keysThatAreNoneAreRefused() {
        assertThatThrownBy(() -> DetachKeys.parse("ctrl-1")).hasMessageContaining("ctrl-1");
    }

    private static String take(DetachKeys keys, String input) {
        var bytes = input.getBytes(StandardCharsets.US_ASCII);
        return new String(keys.take(bytes, bytes.length), StandardCharsets.US_ASCII);
    }
}
