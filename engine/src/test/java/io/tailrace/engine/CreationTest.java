package io.tailrace.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.tailrace.runtime.conformance.ScriptedMachine.Call;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import io.tailrace.runtime.spi.Images;
import io.tailrace.runtime.spi.TerminalSize;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class CreationTest {
    @TempDir
    Path directory;

    private TestEngine test;

    @BeforeEach
    void open() {
        test = TestEngine.open(directory);
    }

    @AfterEach
    void close() {
        test.close();
    }

    private static final String ID = "0123456789abcdef".repeat(4);

    @Test
    void whatTheRequestLeavesOpenIsTheImages() {
        Container container = test.create();
        assertThat(container.spec().process().arguments()).containsExactly("hold");
        assertThat(container.spec().process().environment())
                .contains(
                        "PATH=/bin",
                        "IMAGE=scripted",
                        "HOSTNAME=" + container.id().substring(0, 12));
        assertThat(container.spec().process().workingDirectory()).isEqualTo("/");
        assertThat(container.spec().hostname()).isEqualTo(container.id().substring(0, 12));
        assertThat(container.imageId()).startsWith("sha256:");
        assertThat(container.name()).matches("[a-z]+_[a-z]+_[0-9a-f]{6}");
        assertThat(container.status().state()).isEqualTo(ContainerState.CREATED);
    }

    @Test
    void anEntrypointReplacesTheImagesCommandToo() {
        Container container =
                test.engine().create(new Request().entrypoint("echo", "x").build());
        assertThat(container.spec().process().arguments()).containsExactly("echo", "x");
        assertThatThrownBy(
                        () -> test.engine().create(new Request().entrypoint("").build()))
                .hasMessageStartingWith("command: empty (expected: at least one argument");
    }

    @Test
    void theEnvironmentIsMergedByName() {
        Container container = test.engine()
                .create(new Request("true")
                        .environment(Map.of("IMAGE", "mine", "EQUALS", "a=b"))
                        .terminal(TerminalSize.DEFAULT)
                        .build());
        assertThat(container.spec().process().environment())
                .contains("IMAGE=mine", "EQUALS=a=b", "TERM=xterm")
                .doesNotContain("IMAGE=scripted");
    }

    @Test
    void aRepeatedRequestReturnsTheContainerItMadeBefore() throws Exception {
        NewContainer request = new Request("hold").id(ID).name("twice").build();
        Container first = test.engine().create(request);
        assertThat(test.engine().create(request)).isSameAs(first);
        test.restart();
        assertThat(test.engine().create(request).id()).isEqualTo(ID);
        assertThat(test.engine().containers(true)).hasSize(1);
        assertThatThrownBy(() -> test.engine().create(new Request("true").id(ID).build()))
                .extracting("code")
                .isEqualTo(ErrorCode.ALREADY_EXISTS);
    }

    @Test
    void requestsOfOneIdAtOnceMakeOneContainer() throws Exception {
        NewContainer request = new Request("hold").id(ID).build();
        Set<Container> made = new HashSet<>();
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Container>> requests = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                requests.add(executor.submit(() -> test.engine().create(request)));
            }
            for (Future<Container> one : requests) {
                made.add(one.get());
            }
        }
        assertThat(made).hasSize(1);
        assertThat(test.machine().containerIds()).containsExactly(ID);
    }

    @Test
    void aNameIsTakenUntilTheRemoval() {
        Container first = test.engine().create(new Request("true").name("web").build());
        assertThatThrownBy(() ->
                        test.engine().create(new Request("true").name("web").build()))
                .hasMessageContaining("name: web (expected: one that is not taken; container " + first.id())
                .extracting("code")
                .isEqualTo(ErrorCode.ALREADY_EXISTS);
        first.remove(false);
        Container second = test.engine().create(new Request("true").name("web").build());
        assertThat(test.engine().container("web")).isSameAs(second);
        assertThat(test.engine().container(first.id())).isSameAs(first);
        second.remove(false);
        assertThat(test.engine().container("web").status().state()).isEqualTo(ContainerState.REMOVED);
    }

    @Test
    void aContainerIsFoundByAPrefixThatIsItsAlone() {
        Container one = test.engine()
                .create(new Request("true").id("a1" + ID.substring(2)).build());
        Container two = test.engine()
                .create(new Request("true").id("a2" + ID.substring(2)).build());
        assertThat(test.engine().container("a1")).isSameAs(one);
        assertThatThrownBy(() -> test.engine().container("a"))
                .hasMessageContaining("a (expected: a prefix of one id; 2 have it)")
                .extracting("code")
                .isEqualTo(ErrorCode.INVALID_ARGUMENT);
        assertThatThrownBy(() -> test.engine().container("b"))
                .extracting("code")
                .isEqualTo(ErrorCode.NOT_FOUND);
        one.remove(false);
        assertThat(test.engine().container("a")).isSameAs(two);
        assertThat(test.engine().containers(false)).containsExactly(two);
    }

    @Test
    void aFailureOfTheRuntimeLeavesNothing() {
        test.machine().failNext(Call.CREATE, Code.RESOURCE_EXHAUSTED);
        NewContainer request = new Request("true").id(ID).name("again").build();
        assertThatThrownBy(() -> test.engine().create(request))
                .extracting("code")
                .isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
        assertThat(test.engine().containers(true)).isEmpty();
        assertThat(test.engine().create(request).name()).isEqualTo("again");
    }

    @Test
    void anUnknownImageIsNotFound() {
        assertThatThrownBy(() -> test.engine()
                        .create(new Request("true").image("nobody/nothing").build()))
                .hasMessageContaining("nobody/nothing")
                .extracting("code")
                .isEqualTo(ErrorCode.NOT_FOUND);
    }

    @Test
    void thereIsALimitToContainers() {
        for (int i = 0; i < 100; i++) {
            test.create("true");
        }
        assertThatThrownBy(() -> test.create("true")).extracting("code").isEqualTo(ErrorCode.RESOURCE_EXHAUSTED);
    }

    @Test
    void everyWrongValueIsNamed() {
        wrong(new Request("true").id("ABC"), "id: ABC (expected: 64 lower-case hex digits");
        wrong(new Request("true").name("-x"), "name: -x (expected: 1 to 128 of");
        wrong(new Request("true").image(" "), "image:   (expected: a reference or an id)");
        wrong(new Request("true").memoryBytes(-1), "memory: -1 (expected: 0 or >= 6291456)");
        wrong(
                new Request("true").environment(Map.of("A=B", "")),
                "environment name: A=B (expected: not empty, and without =");
        wrong(
                new Request("true").workingDirectory("tmp"),
                "workingDirectory: tmp (expected: an absolute path, or empty)");
        wrong(new Request("true").stopSignal("SIGNOPE"), "signal: SIGNOPE (expected: a name such as SIGTERM");
        wrong(new Request("true").stopGrace(Duration.ofSeconds(-1)), "stopGrace: PT-1S (expected: >= 0)");
        wrong(new Request("true").timeout(Duration.ZERO), "timeout: PT0S (expected: more than 0, or none)");
        wrong(new Request("x".repeat(300_000)), "command bytes: 300001 (expected: at most 262144)");
        wrong(new Request("a\0b"), "command: ");
        wrong(new Request("true").labels(Map.of("", "x")), "label name: empty (expected: not empty)");
    }

    @Test
    void anImageOfAnotherPlatformIsRefusedWithBoth() {
        String platform = test.runtime().images().get("scripted").platform();
        test.engine().create(new Request("true").platform(platform).build());
        test.engine()
                .create(new Request("true")
                        .platform(platform.replaceFirst("^([^/]+/[^/]+).*", "$1"))
                        .build());
        assertThatThrownBy(() -> test.engine()
                        .create(new Request("true").platform("plan9/mips").build()))
                .hasMessageStartingWith("platform: plan9/mips (expected: " + platform + ", of which image ")
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
        for (String wrong : List.of("linux", "linux/", "a/b/c/d", "Linux/amd64", "linux/amd64 ")) {
            wrong(new Request("true").platform(wrong), "platform: " + wrong + " (expected: os/architecture");
        }
    }

    private void wrong(Request request, String message) {
        assertThatThrownBy(() -> test.engine().create(request.build()))
                .isInstanceOf(EngineException.class)
                .hasMessageStartingWith(message)
                .extracting("code")
                .isEqualTo(ErrorCode.INVALID_ARGUMENT);
    }

    @Test
    void anExecIdIsNoPath() {
        Container container = test.start("hold");
        for (String id : List.of(".", "..", "a/b", "x".repeat(65))) {
            assertThatThrownBy(() -> container.exec(TestEngine.newExec(id, "true")))
                    .hasMessageStartingWith("exec id: ")
                    .extracting("code")
                    .isEqualTo(ErrorCode.INVALID_ARGUMENT);
        }
    }

    @Test
    void anImageInUseIsRemovedOnlyByForce() {
        test.create("true");
        assertThatThrownBy(() -> test.engine().removeImage("scripted", false))
                .extracting("code")
                .isEqualTo(ErrorCode.FAILED_PRECONDITION);
        test.engine().removeImage("scripted", true);
        assertThatThrownBy(() -> test.engine().image("scripted"))
                .extracting("code")
                .isEqualTo(ErrorCode.NOT_FOUND);
        test.engine().pullImage("scripted", Images.ProgressListener.NONE);
        test.engine().importImages(InputStream.nullInputStream(), "imported", Images.ProgressListener.NONE);
        assertThat(test.engine().images()).hasSize(3);
        assertThat(test.engine().runtime().name()).isEqualTo("scripted");
    }
}
