package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.CreateExecRequest;
import io.tailrace.api.v1.ExecsGrpc;
import io.tailrace.api.v1.StartContainerRequest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventsTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private record Event(String id, String kind, JsonNode data) {
        String text() {
            return new String(Base64.getDecoder().decode(data.get("data").asText()), StandardCharsets.UTF_8);
        }
    }

    private static String timeline(Container container) {
        return "/v1/containers/" + container.getId() + "/timeline";
    }

    /** All events up to the end of the response. */
    private static List<Event> events(String path, String... headers) throws Exception {
        HttpResponse<String> response = server.get(path, headers);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("content-type"))
                .hasValueSatisfying(type -> assertThat(type).startsWith("text/event-stream"));
        List<Event> events = new ArrayList<>();
        for (String block : response.body().split("\n\n")) {
            if (block.startsWith("id: ")) {
                events.add(parse(block));
            }
        }
        return events;
    }

    private static Event parse(String block) throws IOException {
        String[] lines = block.split("\n");
        assertThat(lines).hasSize(3);
        return new Event(
                lines[0].substring("id: ".length()),
                lines[1].substring("event: ".length()),
                new ObjectMapper().readTree(lines[2].substring("data: ".length())));
    }

    @Test
    void theLastLinesAndATimeAreChosenInTheUrl() throws Exception {
        // On one stream: in which order two are read is not known.
        Container container = server.ran("both", "1\n2\n3\n4", "", "0");
        List<Event> tail = events(timeline(container) + "?tail=2&kinds=output&end=now");
        assertThat(tail.stream().filter(event -> event.kind().equals("output")).map(Event::text))
                .containsExactly("3\n4");
        List<Event> all = events(timeline(container));
        String time = all.getLast().data().get("time").asText();
        assertThat(events(timeline(container) + "?since=" + time)).contains(all.getLast());
        assertThat(events(timeline(container) + "?since=2001-01-01&until=2001-01-02T00:00:00"))
                .isEmpty();
        assertThat(events(timeline(container) + "?since=10m&tail=1")).contains(all.getLast());
        String until = timeline(container) + "?until="
                + all.getFirst().data().get("time").asText();
        List<Event> early = events(until);
        assertThat(early).contains(all.getFirst()).doesNotContain(all.getLast());
        assertThat(server.get(until, "Last-Event-ID", early.getLast().id()).statusCode())
                .isEqualTo(204);
    }

    @ParameterizedTest
    @ValueSource(strings = {"since=never", "until=12:00", "tail=-1", "tail=1&last=1", "tail=1&from=now", "since="})
    void whatIsNoTimeAndNoTailIsRefused(String query) throws Exception {
        HttpResponse<String> answer = server.get(timeline(server.create("true")) + "?" + query);
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).contains("expected:");
    }

    @Test
    void aTimelineIsReadAsEventsUpToTheExit() throws Exception {
        List<Event> events = events(timeline(server.run("both", "out", "err", "3")));
        assertThat(events.getFirst().kind()).isEqualTo("state");
        assertThat(events.stream()
                        .filter(event -> event.kind().equals("output"))
                        .map(event -> event.data().get("stream").asText() + ":" + event.text()))
                .containsExactlyInAnyOrder("stdout:out", "stderr:err");
        Event exit = events.getLast();
        assertThat(exit.kind()).isEqualTo("exit");
        assertThat(exit.data().get("exitCode").asInt()).isEqualTo(3);
        assertThat(exit.data().get("reason").asText()).isEqualTo("exited");
        assertThat(exit.data().get("stdoutLength").asLong()).isEqualTo(3);
    }

    @Test
    void aClientThatComesBackGoesOnBehindItsLastEvent() throws Exception {
        String path = timeline(server.ran("both", "out", "err", "0"));
        List<Event> all = events(path);
        for (int i = 0; i < all.size() - 1; i++) {
            List<Event> rest = all.subList(i + 1, all.size());
            assertThat(events(path, "last-event-id", all.get(i).id())).isEqualTo(rest);
            assertThat(events(path + "?cursor=" + all.get(i).id())).isEqualTo(rest);
            // A browser repeats the URL that it began with.
            assertThat(events(path + "?from=start", "last-event-id", all.get(i).id()))
                    .isEqualTo(rest);
        }
    }

    @Test
    void aClientThatHasEverythingIsToldToStop() throws Exception {
        String path = timeline(server.ran("true"));
        String last = events(path).getLast().id();
        assertThat(server.get(path, "last-event-id", last).statusCode()).isEqualTo(204);
        assertThat(server.get(path + "?cursor=" + last).statusCode()).isEqualTo(204);
    }

    @Test
    void eventsAreFiltered() throws Exception {
        String path = timeline(server.ran("both", "out", "err", "0"));
        assertThat(events(path + "?kinds=output&streams=stderr"))
                .extracting(Event::kind)
                .containsExactly("output", "exit");
        assertThat(events(path + "?kinds=state"))
                .extracting(Event::kind)
                .doesNotContain("output")
                .endsWith("exit");
        assertThat(events(path + "?last=2&end=now")).hasSize(2);
        assertThat(events(path + "?from=now")).isEmpty();
    }

    @Test
    void anExecsTimelineIsReadLikewise() throws Exception {
        Container container = server.run("hold");
        ExecsGrpc.newBlockingStub(server.channel)
                .create(CreateExecRequest.newBuilder()
                        .setContainer(container.getId())
                        .setId("greet")
                        .addCommand("echo")
                        .addCommand("hello")
                        .build());
        List<Event> events = events("/v1/containers/" + container.getId() + "/execs/greet/timeline");
        assertThat(events.stream()
                        .filter(event -> event.kind().equals("output"))
                        .map(Event::text))
                .containsExactly("hello\n");
    }

    @Test
    void anEventComesWhenItHappens() throws Exception {
        Container container = server.create("hold");
        try (Lines lines = Lines.of(timeline(container) + "?from=now&end=never")) {
            // The comment comes when the server stands ready; what happens from now on is not missed.
            lines.await(": ");
            server.containers()
                    .start(StartContainerRequest.newBuilder()
                            .setContainer(container.getId())
                            .build());
            lines.await("event: state");
        }
    }

    @Test
    void theFeedIsReadAsEvents() throws Exception {
        Container container = server.ran("exit", "5");
        String id = "";
        try (Lines lines = Lines.of("/v1/feed?from=start&container=" + container.getId())) {
            lines.await("event: created");
            id = lines.await("id: ").substring("id: ".length());
            lines.await("event: starting");
            lines.await("event: exited");
            assertThat(lines.await("data: ")).contains("\"exitCode\":5");
        }
        try (Lines lines = Lines.of("/v1/feed?container=" + container.getId(), "last-event-id", id)) {
            assertThat(lines.await("event: ")).isEqualTo("event: running");
        }
    }

    @Test
    void aClientThatLeavesFreesItsStream() throws Exception {
        int before = server.server.streams();
        Lines lines = Lines.of("/v1/feed");
        lines.await(": ");
        assertThat(server.server.streams()).isGreaterThan(before);
        lines.close();
        await().until(() -> server.server.streams() <= before);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?cursor=rubbish",
                "?kinds=nothing",
                "?streams=stdin",
                "?end=later",
                "?last=-1",
                "?last=x",
                "?from=middle",
                "?from=now&last=3",
                "?colour=red"
            })
    void wrongParametersAreRefused(String query) throws Exception {
        var response = server.get(timeline(server.run("hold")) + query);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.body()).contains("expected");
    }

    @Test
    void whatDoesNotExistIsNotFound() throws Exception {
        assertThat(server.get("/v1/containers/nobody/timeline").statusCode()).isEqualTo(404);
        assertThat(server.get("/v1/feed?container=nobody").statusCode()).isEqualTo(404);
    }

    /** A response that does not end, line by line. */
    private record Lines(Stream<String> stream, Iterator<String> iterator) implements AutoCloseable {
        static Lines of(String path, String... headers) throws Exception {
            HttpResponse<Stream<String>> response =
                    server.http.send(server.request(path, headers).build(), HttpResponse.BodyHandlers.ofLines());
            assertThat(response.statusCode()).isEqualTo(200);
            return new Lines(response.body(), response.body().iterator());
        }

        /** The next line that begins so; the others before it are skipped. */
        String await(String prefix) {
            while (true) {
                String line = iterator.next();
                if (line.startsWith(prefix)) {
                    return line;
                }
            }
        }

        @Override
        public void close() {
            stream.close();
        }
    }
}
