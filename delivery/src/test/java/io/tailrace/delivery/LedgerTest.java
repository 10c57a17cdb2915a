package io.tailrace.delivery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.platform.testkit.engine.EngineTestKit;

class LedgerTest {
    @Test
    void aTestThatLostSomethingFailsByItself() {
        assertThat(failures("loses")).isOne();
        assertThat(failures("attemptsNothing")).isOne();
        assertThat(failures("keeps")).isZero();
    }

    @Test
    void aTestLeavesItsRow() throws IOException {
        failures("loses");
        assertThat(DeliveryTable.read(Path.of(System.getProperty("tailrace.delivery.results"))))
                .contains(new Row("1, 8", "loses", 1, 0, 1, 0, 0, Row.BROKEN, "p99 3 ms"));
    }

    @Test
    void theSameSeedGivesTheSameChance() {
        Ledger one = new Ledger(7, false);
        Ledger other = new Ledger(7, false);
        assertThat(one.random().nextLong()).isEqualTo(other.random().nextLong());
        assertThat(one.random().nextLong()).isEqualTo(other.random().nextLong());
    }

    @Test
    void nobodyCountsBackwards() {
        Ledger ledger = new Ledger(7, false);
        assertThatThrownBy(() -> ledger.lost(-1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("lost: -1");
    }

    private static long failures(String method) {
        return EngineTestKit.engine("junit-jupiter")
                .selectors(selectMethod(Example.class, method, Ledger.class))
                .execute()
                .testEvents()
                .failed()
                .count();
    }

    @DeliveryTest
    static final class Example {
        @Test
        @Promise({1, 8})
        void loses(Ledger ledger) {
            ledger.attempt();
            ledger.note("p99 3 ms");
            ledger.lost(1);
        }

        @Test
        @Promise(1)
        void attemptsNothing(Ledger ledger) {
            assertThat(ledger.isClean()).isTrue();
        }

        @Test
        @Promise(1)
        void keeps(Ledger ledger) {
            ledger.attempt();
        }
    }
}
