package io.tailrace.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import io.tailrace.api.v1.Container;
import io.tailrace.api.v1.FilesGrpc;
import io.tailrace.api.v1.PathStatus;
import io.tailrace.api.v1.ReadFilesRequest;
import io.tailrace.api.v1.ReadFilesResponse;
import io.tailrace.api.v1.StatPathRequest;
import io.tailrace.api.v1.WriteFilesOpen;
import io.tailrace.api.v1.WriteFilesRequest;
import io.tailrace.api.v1.WriteFilesResponse;
import io.tailrace.runtime.conformance.Tar;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class FilesTest {
    private static final int MESSAGE_BYTES_MAX = 65_536;
    /** 2020-01-01, of all files in archives of tests. */
    private static final long LONG_AGO_SECONDS = 1_577_836_800;
    /** Many messages, and not a multiple of them. */
    private static final String BIG = "0123456789".repeat(123_456);

    private TestServer server;
    private String id;

    @BeforeEach
    void start() {
        server = TestServer.start();
        Container container = server.create("hold");
        id = container.getId();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private FilesGrpc.FilesBlockingStub files() {
        return FilesGrpc.newBlockingStub(server.channel);
    }

    private PathStatus stat(String path) {
        return files().stat(StatPathRequest.newBuilder()
                .setContainer(id)
                .setPath(path)
                .build());
    }

    private static byte[] archive() throws IOException {
        return Tar.of(tar -> {
            tar.directory("in/", 0750);
            tar.file("in/small", 0640, "hello");
            tar.file("in/big", 0600, BIG);
        });
    }

    private static WriteFilesRequest open(String container, String directory, boolean mayReplace) {
        return WriteFilesRequest.newBuilder()
                .setOpen(WriteFilesOpen.newBuilder()
                        .setContainer(container)
                        .setDirectory(directory)
                        .setReplace(mayReplace))
                .build();
    }

    private static WriteFilesRequest data(byte[] bytes, int from, int count) {
        return WriteFilesRequest.newBuilder()
                .setData(ByteString.copyFrom(bytes, from, count))
                .build();
    }

    /** Sends what is given, and tells with what it ended. */
    private Status write(WriteFilesRequest... requests) {
        Answers<WriteFilesRequest, WriteFilesResponse> answers = Answers.flowing();
        StreamObserver<WriteFilesRequest> sender =
                FilesGrpc.newStub(server.channel).write(answers);
        List.of(requests).forEach(sender::onNext);
        sender.onCompleted();
        return answers.drain(new ArrayList<>());
    }

    private void write(String directory, byte[] archive) {
        WriteFilesRequest[] requests =
                new WriteFilesRequest[1 + (archive.length + MESSAGE_BYTES_MAX - 1) / MESSAGE_BYTES_MAX];
        requests[0] = open(id, directory, false);
        for (int i = 1; i < requests.length; i++) {
            int from = (i - 1) * MESSAGE_BYTES_MAX;
            requests[i] = data(archive, from, Math.min(MESSAGE_BYTES_MAX, archive.length - from));
        }
        assertThat(write(requests)).isEqualTo(Status.OK);
    }

    private static Map<String, String> entries(byte[] archive) throws IOException {
        Map<String, String> entries = new TreeMap<>();
        try (TarArchiveInputStream tar = new TarArchiveInputStream(new ByteArrayInputStream(archive), "UTF-8")) {
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                entries.put(entry.getName(), new String(tar.readAllBytes(), StandardCharsets.UTF_8));
            }
        }
        return entries;
    }

    private static void fails(Status.Code code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .hasMessageContaining(message)
                .satisfies(failure ->
                        assertThat(Status.fromThrowable(failure).getCode()).isEqualTo(code));
    }

    private static void is(Status status, Status.Code code, String message) {
        assertThat(status.getCode()).isEqualTo(code);
        assertThat(status.getDescription()).contains(message);
    }

    @Test
    void anArchiveThatWentInByManyMessagesComesOutByMessagesThatAreNotTooLong() throws IOException {
        write("/", archive());
        Answers<ReadFilesRequest, ReadFilesResponse> answers = Answers.flowing();
        FilesGrpc.newStub(server.channel)
                .read(
                        ReadFilesRequest.newBuilder()
                                .setContainer(id)
                                .setPath("/in")
                                .build(),
                        answers);
        List<ReadFilesResponse> responses = answers.all();
        assertThat(responses.getFirst().getStatus()).isEqualTo(stat("/in"));
        List<ReadFilesResponse> data = responses.subList(1, responses.size());
        assertThat(data)
                .hasSizeGreaterThan(BIG.length() / MESSAGE_BYTES_MAX)
                .allSatisfy(response -> assertThat(response.getData().size()).isBetween(1, MESSAGE_BYTES_MAX));
        ByteString whole = data.stream().map(ReadFilesResponse::getData).reduce(ByteString.EMPTY, ByteString::concat);
        assertThat(entries(whole.toByteArray())).isEqualTo(Map.of("in/", "", "in/small", "hello", "in/big", BIG));
    }

    @Test
    void aPathIsWhatItIs() throws IOException {
        write("/", archive());
        PathStatus file = stat("/in/small");
        assertThat(file.getName()).isEqualTo("small");
        assertThat(file.getType()).isEqualTo(PathStatus.Type.TYPE_FILE);
        assertThat(file.getSizeBytes()).isEqualTo(5);
        assertThat(file.getMode()).isEqualTo(0640);
        assertThat(file.getModifiedAt().getSeconds()).isEqualTo(LONG_AGO_SECONDS);
        assertThat(file.getLinkTarget()).isEmpty();
        assertThat(stat("/in").getType()).isEqualTo(PathStatus.Type.TYPE_DIRECTORY);
        assertThat(stat("/").getName()).isEqualTo("/");
        fails(Status.Code.NOT_FOUND, "path: /none (expected: ", () -> stat("/none"));
        fails(Status.Code.INVALID_ARGUMENT, "path: in (expected: an absolute path", () -> stat("in"));
        id = "none";
        fails(Status.Code.NOT_FOUND, "container: none", () -> stat("/"));
    }

    @Test
    void whatCannotBeReadEndsWithItsErrorAndNoData() {
        for (String path : List.of("/none", "relative")) {
            Answers<ReadFilesRequest, ReadFilesResponse> answers = Answers.flowing();
            FilesGrpc.newStub(server.channel)
                    .read(
                            ReadFilesRequest.newBuilder()
                                    .setContainer(id)
                                    .setPath(path)
                                    .build(),
                            answers);
            is(
                    answers.end(),
                    path.equals("/none") ? Status.Code.NOT_FOUND : Status.Code.INVALID_ARGUMENT,
                    "path: " + path);
        }
    }

    @Test
    void messagesOutOfTheirOrderAndArchivesThatAreNoneAreRefused() throws IOException {
        byte[] outside = Tar.of(tar -> tar.file("../out", 0644, "x"));
        byte[] inside = Tar.of(tar -> tar.file("a", 0644, "x"));
        WriteFilesRequest open = open(id, "/", false);
        is(write(), Status.Code.INVALID_ARGUMENT, "first message: not open (expected: open)");
        is(
                write(data(inside, 0, inside.length)),
                Status.Code.INVALID_ARGUMENT,
                "first message: not open (expected: open)");
        is(write(open, open), Status.Code.INVALID_ARGUMENT, "message: open again (expected: data)");
        is(
                write(open, data(outside, 0, outside.length)),
                Status.Code.INVALID_ARGUMENT,
                "archive entry: ../out (expected: ");
        is(write(open, data(inside, 0, 512)), Status.Code.INVALID_ARGUMENT, "archive: ");
        is(write(open("none", "/", false)), Status.Code.NOT_FOUND, "container: none");
        is(write(open(id, "/none", false)), Status.Code.NOT_FOUND, "path: /none");
        is(write(open(id, "", false)), Status.Code.INVALID_ARGUMENT, "directory: ");
        fails(Status.Code.NOT_FOUND, "path: /a", () -> stat("/a"));
    }

    @Test
    void aFileTakesThePlaceOfADirectoryOnlyWhereThatIsAskedFor() throws IOException {
        write("/", archive());
        byte[] file = Tar.of(tar -> tar.file("in", 0644, "x"));
        WriteFilesRequest data = data(file, 0, file.length);
        is(write(open(id, "/", false), data), Status.Code.INVALID_ARGUMENT, "archive entry: in");
        assertThat(stat("/in").getType()).isEqualTo(PathStatus.Type.TYPE_DIRECTORY);
        assertThat(write(open(id, "/", true), data)).isEqualTo(Status.OK);
        assertThat(stat("/in").getType()).isEqualTo(PathStatus.Type.TYPE_FILE);
    }

    @Test
    void filesAreReachedOverHttp() throws Exception {
        String base = "/v1/containers/" + id;
        HttpResponse<String> put = put(base + "/archive?path=/", archive());
        assertThat(put.statusCode()).isEqualTo(200);
        assertThat(put.body()).isEqualTo("{}");
        assertThat(server.get(base + "/files?path=/in/small").body())
                .contains("\"name\":\"small\"", "\"type\":\"TYPE_FILE\"", "\"sizeBytes\":\"5\"");
        HttpResponse<byte[]> got = server.http.send(
                server.request(base + "/archive?path=/in").build(), HttpResponse.BodyHandlers.ofByteArray());
        assertThat(got.headers().firstValue("content-type")).contains("application/x-tar");
        assertThat(got.headers().firstValue("cache-control")).contains("no-store");
        assertThat(entries(got.body())).isEqualTo(Map.of("in/", "", "in/small", "hello", "in/big", BIG));
        byte[] file = Tar.of(tar -> tar.file("in", 0644, "x"));
        assertThat(put(base + "/archive?path=/", file).statusCode()).isEqualTo(400);
        assertThat(put(base + "/archive?path=/&replace", file).statusCode()).isEqualTo(200);
    }

    @Test
    void whatIsWrongWithAnHttpRequestIsNamed() throws Exception {
        String base = "/v1/containers/" + id;
        refused(server.get(base + "/files?path=/none"), 404, "path: /none");
        refused(server.get(base + "/archive?path=/none"), 404, "path: /none");
        refused(server.get(base + "/archive"), 400, "path: ");
        refused(server.get(base + "/archive?path=/&depth=1"), 400, "depth");
        refused(server.get("/v1/containers/none/archive?path=/"), 404, "container: none");
        refused(put(base + "/archive?path=/none", archive()), 404, "path: /none");
        refused(put(base + "/archive?path=/&replace=maybe", archive()), 400, "replace: maybe");
        refused(
                put(base + "/archive?path=/", "no tar ".repeat(100).getBytes(StandardCharsets.UTF_8)),
                400,
                "archive: ");
        assertThat(server.post(base + "/archive?path=/", "{}").statusCode()).isEqualTo(405);
    }

    private static void refused(HttpResponse<String> response, int status, String message) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains("\"message\":\"" + message);
    }

    private HttpResponse<String> put(String path, byte[] body) throws Exception {
        return server.http.send(
                server.request(path)
                        .PUT(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
