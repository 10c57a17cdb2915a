package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.FollowRequest;
import io.tailrace.api.v1.FollowResponse;
import io.tailrace.api.v1.Record;
import io.tailrace.api.v1.StartContainerRequest;
import io.tailrace.api.v1.TimelinesGrpc;
import io.tailrace.api.v1.WaitContainerRequest;
import io.tailrace.delivery.DeliveryTest;
import io.tailrace.delivery.Ledger;
import io.tailrace.delivery.Promise;
import io.tailrace.runtime.conformance.Scripts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A reader that stops in the middle of a stream while far more is written than is kept, and then goes on. */
@DeliveryTest
@Timeout(120)
class OvertakenReadersTest {
    /** More than all buffers between a server and a client that does not read. */
    private static final int BYTES = 48 << 20;

    private static final int KEPT_BYTES = 256 << 10;
    private static final byte[] WRITTEN = Scripts.pattern(BYTES);

    private TestServer server;
    private Container container;

    @BeforeEach
    void start() {
        server = TestServer.start(config -> {
            var timelines = config.timelines();
            return config.withTimelines(new ServerConfig.Timelines(
                    timelines.retention(),
                    timelines.stopGrace(),
                    timelines.drainTimeout(),
                    KEPT_BYTES,
                    64 << 10,
                    timelines.onFullDisk(),
                    timelines.fsync()));
        });
        container = server.create("print", Integer.toString(BYTES));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void runToItsEnd() {
        server.containers()
                .start(StartContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
        server.containers()
                .wait(WaitContainerRequest.newBuilder()
                        .setContainer(container.getId())
                        .build());
    }

    /** Every byte comes in its place, or a Gap names it. */
    private static final class Account {
        private final Ledger ledger;
        private long position;
        private long missing;
        private int gaps;

        Account(Ledger ledger) {
            this.ledger = ledger;
        }

        void output(long offset, byte[] data) {
            if (offset > position) {
                ledger.lost(offset - position);
            } else if (offset < position) {
                ledger.doubled(position - offset);
            }
            if (!Arrays.equals(data, 0, data.length, WRITTEN, (int) offset, (int) offset + data.length)) {
                ledger.lost(data.length);
            }
            ledger.bytes(data.length);
            position = offset + data.length;
        }

        void gap(String reason, long from, long to) {
            assertThat(reason).isEqualTo("retention");
            assertThat(from).isEqualTo(position);
            missing += to - from;
            position = to;
            gaps++;
        }

        void exit(long length) {
            assertThat(length).isEqualTo(BYTES);
            assertThat(position).as("what came or was named").isEqualTo(BYTES);
            assertThat(gaps).as("gaps").isPositive();
            // What was on its way is the client's; of the rest no more is left than is kept.
            assertThat(missing).isPositive().isLessThan(BYTES - KEPT_BYTES / 2);
        }
    }

    @Test
    @Promise({6, 7})
    void aFollowerByGrpcIsCutOffOrMissesBytesWithoutAWord(Ledger ledger) {
        ledger.attempt();
        var answers = Answers.<FollowRequest, FollowResponse>stopped();
        TimelinesGrpc.newStub(server.channel)
                .follow(
                        FollowRequest.newBuilder()
                                .setContainer(container.getId())
                                .build(),
                        answers);
        answers.ask(1);
        var account = new Account(ledger);
        long sequence = take(account, answers.next(), 0);
        runToItsEnd();
        answers.ask(Integer.MAX_VALUE);
        for (FollowResponse response : answers.all()) {
            sequence = take(account, response, sequence);
        }
        assertThat(account.position).isEqualTo(BYTES);
        assertThat(account.gaps).isPositive();
    }

    private static long take(Account account, FollowResponse response, long sequence) {
        if (!response.hasRecord()) {
            return sequence;
        }
        Record record = response.getRecord();
        assertThat(record.getSequence()).isEqualTo(sequence + 1);
        switch (record.getContentCase()) {
            case OUTPUT ->
                account.output(
                        record.getOutput().getOffset(),
                        record.getOutput().getData().toByteArray());
            case GAP -> {
                var gap = record.getGap();
                account.gap(gap.getReason(), gap.getStdoutFrom(), gap.getStdoutTo());
                return gap.getLastSequence();
            }
            case EXIT -> account.exit(record.getExit().getStdoutLength());
            default -> {}
        }
        return record.getSequence();
    }

    @Test
    @Promise({6, 7})
    void aFollowerByEventsIsCutOffOrMissesBytesWithoutAWord(Ledger ledger) throws Exception {
        ledger.attempt();
        HttpResponse<InputStream> response = server.http.send(
                server.request("/v1/containers/" + container.getId() + "/timeline")
                        .build(),
                HttpResponse.BodyHandlers.ofInputStream());
        runToItsEnd();
        var account = new Account(ledger);
        var json = new ObjectMapper();
        String kind = "";
        try (var lines = new BufferedReader(new InputStreamReader(response.body(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("event: ")) {
                    kind = line.substring("event: ".length());
                } else if (line.startsWith("data: ")) {
                    take(account, kind, json.readTree(line.substring("data: ".length())));
                }
            }
        }
        assertThat(kind).isEqualTo("exit");
        assertThat(account.position).isEqualTo(BYTES);
        assertThat(account.gaps).isPositive();
    }

    private static void take(Account account, String kind, JsonNode data) {
        switch (kind) {
            case "output" ->
                account.output(
                        data.get("offset").asLong(),
                        Base64.getDecoder().decode(data.get("data").asText()));
            case "gap" ->
                account.gap(
                        data.get("reason").asText(),
                        data.get("stdoutFrom").asLong(),
                        data.get("stdoutTo").asLong());
            case "exit" -> account.exit(data.get("stdoutLength").asLong());
            default -> {}
        }
    }

    @Test
    @Promise({4, 6})
    void aFollowerOfRawBytesTakesWhatWasCutOffForAll(Ledger ledger) throws Exception {
        ledger.attempt();
        String path = "/v1/containers/" + container.getId() + "/stdout?follow=true";
        HttpResponse<InputStream> response =
                server.http.send(server.request(path).build(), HttpResponse.BodyHandlers.ofInputStream());
        runToItsEnd();
        var account = new Account(ledger);
        try (InputStream body = response.body()) {
            // A body that is cut off has no last chunk, which every client of HTTP must take for an error.
            assertThatThrownBy(() -> read(body, account)).isInstanceOf(IOException.class);
        }
        assertThat(account.position).isLessThan(BYTES);
        HttpResponse<String> gone = server.get(path + "&offset=" + account.position);
        assertThat(gone.statusCode()).isEqualTo(410);
        String next = gone.body().replaceAll("(?s).*offset=(\\d+).*", "$1");
        account.gap("retention", account.position, Long.parseLong(next));
        HttpResponse<InputStream> rest = server.http.send(
                server.request(path + "&offset=" + next).build(), HttpResponse.BodyHandlers.ofInputStream());
        try (InputStream body = rest.body()) {
            read(body, account);
        }
        account.exit(BYTES);
    }

    private static void read(InputStream body, Account account) throws IOException {
        byte[] buffer = new byte[64 << 10];
        for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
            account.output(account.position, Arrays.copyOf(buffer, count));
        }
    }
}
