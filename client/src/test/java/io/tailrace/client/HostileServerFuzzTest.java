package io.tailrace.client;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.ContainerStats;
import io.tailrace.api.v1.Exec;
import io.tailrace.api.v1.Exit;
import io.tailrace.api.v1.FeedRecord;
import io.tailrace.api.v1.Image;
import io.tailrace.api.v1.Info;
import io.tailrace.api.v1.Output;
import io.tailrace.api.v1.ProcessStatus;
import io.tailrace.api.v1.Record;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.delivery.fuzz.FuzzInput;
import io.tailrace.delivery.fuzz.Fuzzing;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What a server may answer that is none of ours. */
@DeliveryTest
class HostileServerFuzzTest {
    private static final List<Kind<?>> KINDS = List.of(
            new Kind<>(Record.parser(), TimelineWire::record),
            new Kind<>(FeedRecord.parser(), TimelineWire::feedRecord),
            new Kind<>(Container.parser(), ContainerWire::container),
            new Kind<>(Exec.parser(), ContainerWire::exec),
            new Kind<>(Exit.parser(), TimelineWire::exit),
            new Kind<>(Image.parser(), Wire::image),
            new Kind<>(Info.parser(), Wire::serverInfo),
            new Kind<>(ContainerStats.parser(), Wire::stats),
            new Kind<>(ProcessStatus.parser(), ContainerWire::status));

    private record Kind<M extends Message>(Parser<M> parser, Consumer<M> read) {
        void attack(byte[] bytes) {
            M message;
            try {
                message = parser.parseFrom(bytes);
            } catch (InvalidProtocolBufferException refused) {
                return; // gRPC itself tells the caller.
            }
            try {
                read.accept(message);
            } catch (TailraceException refused) {
                assertThat(refused.code()).isEqualTo(ErrorCode.CORRUPT);
            }
        }
    }

    @Test
    @Promise({1, 4})
    void anAnswerOfGarbageIsThrownAtTheCallerAsItIs(Ledger ledger) throws Exception {
        Fuzzing.attack(ledger, HostileServerFuzzTest.class, "answers", 10_000);
    }

    static List<byte[]> answersSeeds() {
        var time = Timestamp.newBuilder().setSeconds(Long.MAX_VALUE).setNanos(-1);
        return List.of(
                answer(
                        0,
                        Record.newBuilder()
                                .setSequence(-1)
                                .setTimestampNanos(-1)
                                .setOutput(Output.newBuilder().setStreamValue(7))
                                .build()),
                answer(
                        2,
                        Container.newBuilder()
                                .setSpec(io.tailrace.api.v1.ContainerSpec.newBuilder()
                                        .setTty(true)
                                        .setTerminalSize(io.tailrace.api.v1.TerminalSize.newBuilder()
                                                .setColumns(70_000)
                                                .setRows(1)))
                                .build()),
                answer(4, Exit.newBuilder().setReasonValue(99).build()),
                answer(6, Info.newBuilder().setStartedAt(time).build()),
                answer(
                        8,
                        ProcessStatus.newBuilder()
                                .setState("odd")
                                .setCreatedAt(time)
                                .build()));
    }

    private static byte[] answer(int kind, Message message) {
        var bytes = message.toByteArray();
        return ByteBuffer.allocate(bytes.length + 1).put((byte) kind).put(bytes).array();
    }

    static void answers(byte[] input) {
        var in = new FuzzInput(input);
        KINDS.get(in.below(KINDS.size())).attack(in.rest());
    }
}
