package io.tailrace.runtime.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class HttpConnectionTest {
    @TempDir
    private Path directory;

    private ServerSocketChannel listener;
    private HttpConnection connection;
    private SocketChannel engine;

    @BeforeEach
    void connect() throws IOException {
        Path socket = directory.resolve("engine.sock");
        listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX).bind(UnixDomainSocketAddress.of(socket));
        connection = HttpConnection.open(Endpoint.parse(socket.toString()));
        engine = listener.accept();
    }

    @AfterEach
    void close() throws IOException {
        connection.close();
        engine.close();
        listener.close();
    }

    private void answer(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
            engine.write(bytes);
        }
    }

    private String read() throws IOException {
        ByteBuffer some = ByteBuffer.allocate(1_000);
        int count = connection.read(some);
        return count < 0 ? "end" : new String(some.array(), 0, count, StandardCharsets.US_ASCII);
    }

    private String readAll() throws IOException {
        return new String(Channels.newInputStream(connection).readAllBytes(), StandardCharsets.US_ASCII);
    }

    @Test
    void aChunkIsHeldBackUntilTheNextOneComes() throws IOException {
        answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n");
        assertThat(connection.readStatus()).isEqualTo(200);
        assertThat(read()).isEqualTo("first");
        answer("A;x=y\r\nthe second\r\n0\r\n\r\n");
        assertThat(read()).isEqualTo("the second");
        assertThat(read()).isEqualTo("end");
    }

    @Test
    void theHeadOfAStreamIsHeldBackUntilItsFirstChunkComes() throws IOException {
        answer("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        assertThat(connection.readStatus()).isEqualTo(200);
    }

    @Test
    void aBodyThatIsCutOffLooksWhole() throws IOException {
        answer("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
        assertThat(connection.readStatus()).isEqualTo(200);
        assertThat(read()).isEqualTo("half");
        engine.close();
        assertThatThrownBy(this::read).isInstanceOf(EOFException.class);
    }

    @Test
    void bytesThatComeWithTheHeadOfAnUpgradeAreLost() throws IOException {
        answer("HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\nat once");
        assertThat(connection.readStatus()).isEqualTo(101);
        answer(" and later");
        engine.shutdownOutput();
        assertThat(readAll()).isEqualTo("at once and later");
    }

    @Test
    void anAnswerThatComesBeforeTheBodyIsSentIsLost() throws IOException {
        answer("HTTP/1.1 409 Conflict\r\nContent-Length: 4\r\n\r\nbusy");
        engine.shutdownInput();
        connection.send("POST", "/resize", Map.of(), new byte[2]);
        assertThat(connection.readStatus()).isEqualTo(409);
        assertThat(readAll()).isEqualTo("busy");
    }

    @Test
    void anAnswerThatComesAmidAStreamedBodyIsLost() throws IOException {
        answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 4\r\n\r\nno T");
        Thread.ofVirtual().start(() -> {
            try {
                engine.read(ByteBuffer.allocate(1_000));
                engine.close();
            } catch (IOException e) {
                // The other side sees it.
            }
        });
        connection.send("POST", "/images/load", Map.of(), new ByteArrayInputStream(new byte[8 << 20]));
        assertThat(connection.readStatus()).isEqualTo(400);
        assertThat(readAll()).isEqualTo("no T");
    }

    @Test
    void anEngineThatGoesAwayInsteadOfAnsweringIsTakenForOneThatAnswered() throws IOException {
        engine.close();
        assertThatThrownBy(() -> {
                    connection.send("POST", "/images/load", Map.of(), new ByteArrayInputStream(new byte[8 << 20]));
                    connection.readStatus();
                })
                .isInstanceOf(IOException.class);
    }

    @Test
    void whatIsNoHttpIsTakenForAnAnswer() throws IOException {
        answer("SSH-2.0-OpenSSH\r\n");
        assertThatThrownBy(connection::readStatus)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("SSH-2.0");
    }
}
