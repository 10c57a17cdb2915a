package io.tailrace.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.fuzz.FuzzInput;
import io.tailrace.delivery.fuzz.Fuzzing;
import io.tailrace.log.ExitReason;
import io.tailrace.log.TimelineRecord;
import io.tailrace.runtime.spi.ContainerSpec;
import io.tailrace.runtime.spi.ContainerSpec.Device;
import io.tailrace.runtime.spi.ContainerSpec.Dns;
import io.tailrace.runtime.spi.ContainerSpec.HostEntry;
import io.tailrace.runtime.spi.ContainerSpec.Limits;
import io.tailrace.runtime.spi.ContainerSpec.Mount;
import io.tailrace.runtime.spi.ContainerSpec.NetworkMode;
import io.tailrace.runtime.spi.ContainerSpec.Port;
import io.tailrace.runtime.spi.Image;
import io.tailrace.runtime.spi.ProcessSpec.Ulimit;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Requests, cursors and records that nobody should have sent or written. */
@DeliveryTest
class GarbageFuzzTest {
    private static final int MESSAGE_CHARACTERS_MAX = 1_000;
    private static final String ID = "0123456789abcdef".repeat(4);
    private static final List<String> WORDS = List.of(
            "created",
            "starting",
            "running",
            "paused",
            "draining",
            "exited",
            "removed",
            "feed",
            "0",
            "17",
            "pid",
            "reason",
            "OUT_OF_MEMORY",
            "exitCode",
            "at",
            "name",
            "request",
            "{}",
            "-9223372036854775808",
            "resumed");

    @Test
    @Promise({2})
    void aCursorOfGarbageLeadsSomewhere(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "cursors", 20_000);
    }

    static List<byte[]> cursorsSeeds() {
        return List.of((ID + "~exec_1.x~123").getBytes(UTF_8), "feed~0".getBytes(UTF_8), (ID + "~1").getBytes(UTF_8));
    }

    static void cursors(byte[] input) {
        String text = new String(input, UTF_8);
        try {
            Cursor cursor = Cursor.parse(text);
            assertThat(cursor.text()).isEqualTo(text);
            assertThat(cursor.sequence()).isNotNegative();
        } catch (EngineException refused) {
            isRefusal(refused, ErrorCode.INVALID_CURSOR);
        }
    }

    @Test
    @Promise({4})
    void aSignalOfGarbageIsSent(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "signals", 20_000);
    }

    static List<byte[]> signalsSeeds() {
        return List.of("SIGRTMIN+12".getBytes(UTF_8), "9".getBytes(UTF_8), "sigterm".getBytes(UTF_8));
    }

    static void signals(byte[] input) {
        try {
            Signal signal = Signal.parse(new String(input, UTF_8));
            assertThat(Signal.of(signal.number())).isEqualTo(signal);
            assertThat(Signal.orTerm(new String(input, UTF_8))).isEqualTo(signal);
        } catch (EngineException refused) {
            assertThat(Signal.orTerm(new String(input, UTF_8))).isEqualTo(Signal.TERM);
            isRefusal(refused, ErrorCode.INVALID_ARGUMENT);
        }
    }

    @Test
    @Promise({8})
    void aRequestOfGarbageIsTakenAndThenCannotBeRead(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "requests", 5_000);
    }

    static List<byte[]> requestsSeeds() {
        return List.of(
                new byte[0],
                new byte[] {0, 0, 0, 1, 'n', 0, 1, 'i', 1, 1, 0, 1, 'c', 2, 0, 1, 'd', 0, 1, 'e'},
                "1,".repeat(4_000).getBytes(UTF_8));
    }

    /** Refused for what it says, or kept so that it can be read again, also out of a checkpoint. */
    static void requests(byte[] input) {
        FuzzInput in = new FuzzInput(input);
        try {
            NewContainer request = new NewContainer(
                    in.flag() ? in.text(100) : "",
                    in.flag() ? in.text(200) : "",
                    in.text(500),
                    in.flag() ? words(in) : null,
                    words(in),
                    map(in),
                    in.flag() ? "/" + in.text(5_000) : "",
                    in.text(5_000),
                    words(in),
                    in.flag() ? in.text(100) : "",
                    List.of(NetworkMode.values()).get(in.below(3)),
                    in.flag() ? List.of(new HostEntry(in.text(300), in.text(60))) : List.of(),
                    in.flag() ? new Dns(words(in), words(in), words(in)) : Dns.DEFAULT,
                    in.flag()
                            ? List.of(new Port(
                                    in.text(60),
                                    in.int32(),
                                    in.int32(),
                                    in.flag() ? Port.Protocol.TCP : Port.Protocol.UDP))
                            : List.of(),
                    in.flag()
                            ? List.of(new Mount(
                                    List.of(Mount.Type.values()).get(in.below(2)),
                                    in.text(5_000),
                                    "/" + in.text(100),
                                    in.flag(),
                                    in.int64(),
                                    words(in)))
                            : List.of(),
                    in.flag(),
                    in.flag(),
                    in.flag()
                            ? new Limits(in.int64(), in.int64(), in.int64(), in.int64(), text(in, 16_000), in.int64())
                            : Limits.NONE,
                    in.flag() ? List.of(new Device("/" + in.text(100), "/" + in.text(5_000), in.text(5))) : List.of(),
                    map(in),
                    in.flag(),
                    in.flag(),
                    in.flag() ? TerminalSize.DEFAULT : null,
                    in.flag(),
                    words(in),
                    words(in),
                    in.flag(),
                    in.flag() ? List.of(new Ulimit(in.text(20), in.int64(), in.int64())) : List.of(),
                    in.text(50),
                    in.flag() ? Duration.ofSeconds(in.int64(), in.int32()) : null,
                    in.flag() ? Duration.ofSeconds(in.int64(), in.int32()) : null,
                    in.flag() ? List.of(OnFullDisk.values()).get(in.below(2)) : null,
                    new RestartPolicy(List.of(RestartPolicy.Kind.values()).get(in.below(4)), in.below(3)),
                    in.flag(),
                    null,
                    null,
                    0,
                    null,
                    "",
                    List.of());
            Checks.container(request);
            Image image = new Image(
                    ID,
                    List.of(),
                    ID,
                    1,
                    Instant.EPOCH,
                    "linux",
                    new Image.Config(
                            words(in),
                            words(in),
                            words(in),
                            in.text(10),
                            in.text(10),
                            in.text(10),
                            map(in),
                            List.of(),
                            null));
            ContainerSpec spec = ProcessDefaults.container(request, ID, image, List.of(), true);
            Map<String, String> made = Map.of("request", Json.write(request), "spec", Json.write(spec));
            Fold fold = Fold.EMPTY.apply(new TimelineRecord.State(1, 5, "created", made));
            Fold read = Fold.read(Json.writeBytes(fold));
            assertThat(read).isEqualTo(fold);
            assertThat(Json.read(read.made().get("request"), NewContainer.class))
                    .isEqualTo(request);
            assertThat(Json.read(read.made().get("spec"), ContainerSpec.class)).isEqualTo(spec);
        } catch (EngineException refused) {
            isRefusal(refused, ErrorCode.INVALID_ARGUMENT);
        } catch (ArithmeticException e) {
            // Of Duration.ofSeconds above, which is the test's own.
            assertThat(e.getStackTrace()[0].getClassName()).startsWith("java.");
        }
    }

    /** Mostly what is left: also one that no length of two bytes could say. */
    private static String text(FuzzInput in, int charactersMax) {
        String text = new String(in.rest(), UTF_8);
        return text.substring(0, Math.min(text.length(), charactersMax));
    }

    private static List<String> words(FuzzInput in) {
        List<String> words = new ArrayList<>();
        for (int left = in.below(4); left > 0; left--) {
            words.add(in.text(300));
        }
        return words;
    }

    private static Map<String, String> map(FuzzInput in) {
        Map<String, String> map = new HashMap<>();
        for (int left = in.below(4); left > 0; left--) {
            map.put(in.text(300), in.text(300));
        }
        return map;
    }

    @Test
    @Promise({5, 8})
    void aTimelineOfGarbageKeepsTheOthersFromBeingServed(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "records", 10_000);
    }

    static List<byte[]> recordsSeeds() {
        return List.of(
                new byte[] {0, 1, 7, 9, 0, 2, 0, 0, 3, 0, 4, 1, 11, 12, 5, 0, 20, 6, 0},
                new byte[] {2, 1, 10, 8, 2, 1, 7, 9, 3, 0, 2, 0});
    }

    /** Any records with right checksums in any order fold, or are refused as damage. */
    static void records(byte[] input) {
        FuzzInput in = new FuzzInput(input);
        Fold fold = Fold.EMPTY;
        try {
            for (long sequence = 1; in.hasMore(); sequence++) {
                fold = fold.apply(record(in, sequence));
                isUsable(fold);
            }
        } catch (EngineException refused) {
            isRefusal(refused, ErrorCode.INTERNAL);
        }
        assertThat(Fold.read(Json.writeBytes(fold))).isEqualTo(fold);
    }

    private static TimelineRecord record(FuzzInput in, long sequence) {
        int kind = in.below(22);
        long nanos = kind == 21 ? in.int64() : sequence;
        if (kind >= 20) {
            ExitReason reason = List.of(ExitReason.values()).get(in.below(7));
            return new TimelineRecord.Exit(sequence, nanos, reason, in.int32(), in.octet(), 0, 0, 0, 0, in.text(20));
        }
        Map<String, String> attributes = new HashMap<>();
        for (int left = in.below(4); left > 0; left--) {
            attributes.put(word(in), word(in));
        }
        return new TimelineRecord.State(sequence, nanos, kind < 18 ? WORDS.get(kind % 8) : word(in), attributes);
    }

    private static String word(FuzzInput in) {
        int which = in.below(WORDS.size() + 1);
        return which < WORDS.size() ? WORDS.get(which) : in.text(30);
    }

    @Test
    @Promise({5, 8})
    void aCheckpointOfGarbageKeepsTheOthersFromBeingServed(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, GarbageFuzzTest.class, "checkpoints", 5_000);
    }

    static List<byte[]> checkpointsSeeds() {
        Fold fold = Fold.EMPTY
                .apply(new TimelineRecord.State(1, 2, "created", Map.of("name", "x", "feed", "4")))
                .apply(new TimelineRecord.State(2, 3, "starting", Map.of()))
                .apply(new TimelineRecord.State(3, 4, "draining", Map.of("reason", "LOST")))
                .apply(new TimelineRecord.Exit(4, 5, ExitReason.EXITED, 0, 0, 1, 2, 3, 4, "m"));
        return List.of(Json.writeBytes(fold), Json.writeBytes(Fold.EMPTY), "null".getBytes(UTF_8));
    }

    static void checkpoints(byte[] input) {
        try {
            Fold fold = Fold.read(input);
            isUsable(fold);
            isUsable(fold.apply(new TimelineRecord.State(9, 9, "starting", Map.of())));
            assertThat(Fold.read(Json.writeBytes(fold))).isEqualTo(fold);
        } catch (EngineException refused) {
            isRefusal(refused, ErrorCode.INTERNAL);
        }
    }

    /** All that is asked of a fold while a server starts and lists containers. */
    private static void isUsable(Fold fold) {
        fold.status();
        fold.lastFeed();
        fold.changedAtNanos();
        fold.historyText();
        fold.state().isDone();
        fold.made().getOrDefault("name", "");
        fold.history().forEach(entry -> assertThat(entry.record()).isNotNull());
    }

    private static void isRefusal(EngineException refused, ErrorCode code) {
        assertThat(refused.code()).isEqualTo(code);
        assertThat(String.valueOf(refused.getMessage())).hasSizeLessThan(MESSAGE_CHARACTERS_MAX);
    }

    @Test
    void halfACharacterOfAnImageStopsTheRecordingOfItsContainer() {
        Map<String, String> made = Map.of("spec", Json.write(List.of("A=\ud800")));
        Fold fold = Fold.EMPTY.apply(new TimelineRecord.State(1, 2, "created", made));
        assertThat(Fold.read(Json.writeBytes(fold)).made()).containsKey("spec");
    }

    @Test
    void theTimeThatGoCallsZeroFailsTheRecordingOfAnEnd() {
        assertThat(Fold.nanos(Instant.parse("0001-01-01T00:00:00Z"))).isZero();
    }

    @Test
    void aListOfAThousandProcessorsIsReadWithoutRunningOutOfStack() {
        ByteArrayOutputStream cpus = new ByteArrayOutputStream();
        for (int number = 0; number < 100_000; number++) {
            cpus.writeBytes((number % 1_000 + ",").getBytes(UTF_8));
        }
        Limits limits = new Limits(0, 0, 0, 0, cpus.toString(UTF_8) + "1", 0);
        try {
            Checks.limits(limits);
        } catch (EngineException refused) {
            isRefusal(refused, ErrorCode.INVALID_ARGUMENT);
        }
    }
}
