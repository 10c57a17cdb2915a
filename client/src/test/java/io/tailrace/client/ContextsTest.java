package io.tailrace.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ContextsTest {
    private static final String ADDRESS = "http://127.0.0.1:1234";

    @TempDir
    private Path directory;

    private Contexts contexts() {
        return Contexts.of(environment(Map.of()));
    }

    private Map<String, String> environment(Map<String, String> more) {
        Map<String, String> all = new HashMap<>(Map.of("XDG_CONFIG_HOME", directory.toString()));
        all.putAll(more);
        return all;
    }

    private Path token(String text, String permissions) throws IOException {
        var file = Files.writeString(directory.resolve("token"), text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(permissions));
    }

    @Test
    void whatWasCreatedIsFoundAgain() throws IOException {
        var token = token("secret\n", "rw-------");
        contexts().create("build", ADDRESS, token);
        contexts().create("plain", "unix:///run/second.sock", null);
        assertThat(contexts().names()).containsExactly("build", "plain");
        assertThat(contexts().get("build")).isEqualTo(new Context("build", ADDRESS, token));
        assertThat(contexts().get("build").token()).isEqualTo("secret");
        assertThat(contexts().get("plain").token()).isNull();
        var file = directory.resolve("tailrace/contexts/build");
        assertThat(file).hasContent("address=" + ADDRESS + "\ntoken-file=" + token + "\n");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        contexts().remove("build");
        assertThat(contexts().names()).containsExactly("plain");
        assertThat(token).exists();
    }

    @Test
    void theOneInUseIsMeantUnlessSomethingElseIsNamed() {
        contexts().create("build", ADDRESS, null);
        contexts().create("other", "http://127.0.0.1:4321", null);
        contexts().use("build");
        assertThat(contexts().current()).contains("build");
        assertThat(address(Map.of())).isEqualTo(ADDRESS);
        assertThat(address(Map.of("TAILRACE_CONTEXT", "other"))).isEqualTo("http://127.0.0.1:4321");
        assertThat(address(Map.of("TAILRACE_HOST", "http://127.0.0.1:5"))).isEqualTo("http://127.0.0.1:5");
        assertThat(Tailrace.builder(environment(Map.of())).isServerNamed()).isTrue();
        var local = environment(Map.of("TAILRACE_CONTEXT", "default"));
        assertThat(Tailrace.builder(local).isServerNamed()).isFalse();
        assertThat(Contexts.of(local).current()).isEqualTo(Optional.empty());
        fails(
                ErrorCode.FAILED_PRECONDITION,
                "\"build\" is in use",
                () -> contexts().remove("build"));
        contexts().use("default");
        assertThat(contexts().current()).isEmpty();
    }

    @Test
    void theContextThatACallNamesGoesBeforeTheEnvironment() throws IOException {
        contexts().create("build", ADDRESS, token("secret", "rw-------"));
        contexts().create("other", "http://127.0.0.1:4321", null);
        contexts().use("other");
        var set = environment(Map.of(
                "TAILRACE_HOST", "http://127.0.0.1:5",
                "TAILRACE_CONTEXT", "other",
                "XDG_RUNTIME_DIR", directory.toString()));
        var build = Tailrace.builder(set).context("build");
        assertThat(build.isServerNamed()).isTrue();
        assertThat(addressOf(build)).isEqualTo(ADDRESS);
        // Its token as well: one that others can read stops it.
        token("secret", "rw-r--r--");
        fails(ErrorCode.INVALID_ARGUMENT, "mode rw-r--r--", build::build);
        var local = Tailrace.builder(set).context(Contexts.DEFAULT);
        assertThat(local.isServerNamed()).isFalse();
        assertThat(addressOf(local)).isEqualTo(Endpoint.local(set).toString());
        fails(
                ErrorCode.NOT_FOUND,
                "\"nosuch\" (expected: one of build, other",
                () -> Tailrace.builder(set).context("nosuch").build());
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "context: \"\"",
                () -> Tailrace.builder(set).context("").build());
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "context: \"other\" beside the address http://127.0.0.1:6 (expected: one of them)",
                () -> Tailrace.builder(set)
                        .context("other")
                        .address("http://127.0.0.1:6")
                        .build());
    }

    private static String addressOf(Tailrace.Builder builder) {
        try (var tailrace = builder.build()) {
            return tailrace.address();
        }
    }

    private String address(Map<String, String> more) {
        return addressOf(Tailrace.builder(environment(more)));
    }

    @Test
    void aTokenThatOthersCanReadIsRefused() throws IOException {
        var token = token("secret", "rw-r-----");
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "token file: %s: mode rw-r----- (expected: rw-------, with chmod 600)".formatted(token),
                () -> contexts().create("build", ADDRESS, token));
        assertThat(contexts().names()).isEmpty();
        token("secret", "rw-------");
        contexts().create("build", ADDRESS, token);
        contexts().use("build");
        token("secret", "rw----r--");
        fails(ErrorCode.INVALID_ARGUMENT, "mode rw----r--", () -> address(Map.of()));
        token(" ", "rw-------");
        fails(ErrorCode.INVALID_ARGUMENT, "empty (expected: a token)", () -> address(Map.of()));
        Files.delete(token);
        fails(ErrorCode.INVALID_ARGUMENT, "cannot be read", () -> address(Map.of()));
    }

    @Test
    void aNameThatIsNoneIsRefused() {
        for (var name : new String[] {"", "default", "../up", ".hidden", "a b", "x".repeat(129)}) {
            fails(
                    ErrorCode.INVALID_ARGUMENT,
                    "context: \"" + name + "\"",
                    () -> contexts().create(name, ADDRESS, null));
            fails(
                    ErrorCode.INVALID_ARGUMENT,
                    "context: \"" + name + "\"",
                    () -> contexts().remove(name));
        }
        contexts().create("build", ADDRESS, null);
        fails(ErrorCode.ALREADY_EXISTS, "\"build\" exists", () -> contexts().create("build", ADDRESS, null));
        fails(ErrorCode.INVALID_ARGUMENT, "ftp://nowhere", () -> contexts().create("next", "ftp://nowhere", null));
        fails(
                ErrorCode.NOT_FOUND,
                "\"nosuch\" (expected: one of build",
                () -> contexts().use("nosuch"));
        fails(ErrorCode.NOT_FOUND, "\"nosuch\"", () -> contexts().remove("nosuch"));
        fails(ErrorCode.NOT_FOUND, "\"nosuch\"", () -> address(Map.of("TAILRACE_CONTEXT", "nosuch")));
    }

    @Test
    void aFileThatIsNotAsExpectedIsRefusedByWhatIsWrong() throws IOException {
        var file =
                Files.createDirectories(directory.resolve("tailrace/contexts")).resolve("build");
        Files.writeString(file, "# by hand\n\n address = " + ADDRESS + " \n");
        assertThat(contexts().get("build").address()).isEqualTo(ADDRESS);
        for (var text : new String[] {"", "token-file=/x", "address", "adress=" + ADDRESS, "address=a\naddress=b"}) {
            Files.writeString(file, text);
            fails(
                    ErrorCode.INVALID_ARGUMENT,
                    "context file: " + file,
                    () -> contexts().get("build"));
        }
        Files.writeString(file, "address=" + ADDRESS + "\ntoken-file=token");
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "token-file= with what is no absolute path",
                () -> contexts().get("build"));
        Files.writeString(file, "address=" + ADDRESS + "\nc2VjcmV0==");
        assertThatThrownBy(() -> contexts().get("build"))
                .hasMessageContaining("line 2")
                .hasMessageNotContaining("c2VjcmV0");
        Files.writeString(file, "#".repeat((64 << 10) + 1));
        fails(ErrorCode.INVALID_ARGUMENT, "65537 bytes", () -> contexts().get("build"));
    }

    @Test
    void aDirectoryThatIsNotThisUsersHasNoContexts() throws IOException {
        Files.writeString(directory.resolve("tailrace"), "no directory");
        assertThat(contexts().current()).isEmpty();
    }

    @Test
    void whatCannotBeReadAgainIsNotWritten() {
        fails(
                ErrorCode.INVALID_ARGUMENT,
                "no control characters",
                () -> contexts().create("build", "unix:///a\ntoken-file=/etc/passwd", null));
    }

    @Test
    void theOneThatIsUsedIsNotRemovedWhereAnotherIsChosenForNow() {
        contexts().create("build", ADDRESS, null);
        contexts().use("build");
        Contexts chosen = Contexts.of(Map.of("XDG_CONFIG_HOME", directory.toString(), "TAILRACE_CONTEXT", "default"));
        fails(ErrorCode.FAILED_PRECONDITION, "in use", () -> chosen.remove("build"));
    }

    private static void fails(ErrorCode code, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        TailraceException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(message);
    }
}
