package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.tailrace.runtime.containerd.Accounts.User;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AccountsTest {
    private static final Accounts ACCOUNTS = new Accounts("""
            # comment
            root:x:0:0:root:/root:/bin/sh
            alice:x:1000:1001:Alice:/home/alice:/bin/sh
            homeless:x:1002:1002::
            homeless2:x:1003:1003:::/bin/sh
            broken:x:many:1:::
            """, """
            root:x:0:
            wheel:x:10:root
            users:x:1001:
            audio:x:29:alice,root
            broken:x:many:alice
            """);

    @Test
    void namesAndNumbersAreResolved() {
        assertThat(ACCOUNTS.resolve("")).isEqualTo(new User(0, 0, List.of(0L, 10L, 29L), "/root"));
        assertThat(ACCOUNTS.resolve("alice")).isEqualTo(new User(1000, 1001, List.of(1001L, 29L), "/home/alice"));
        assertThat(ACCOUNTS.resolve("1000")).isEqualTo(ACCOUNTS.resolve("alice"));
        assertThat(ACCOUNTS.resolve("alice:audio")).isEqualTo(new User(1000, 29, List.of(29L), "/home/alice"));
        assertThat(ACCOUNTS.resolve("4711")).isEqualTo(new User(4711, 0, List.of(0L), "/"));
        assertThat(ACCOUNTS.resolve("4711:4712")).isEqualTo(new User(4711, 4712, List.of(4712L), "/"));
        assertThat(ACCOUNTS.resolve("homeless2").home()).isEqualTo("/");
    }

    @Test
    void whoIsNotThereIsRefused() {
        LifecycleTest.assertCode(Code.INVALID_ARGUMENT, () -> ACCOUNTS.resolve("mallory"))
                .hasMessage("user: mallory (expected: a name in the image's /etc/passwd, or a number)");
        LifecycleTest.assertCode(Code.INVALID_ARGUMENT, () -> ACCOUNTS.resolve("alice:mallory"));
        LifecycleTest.assertCode(Code.INVALID_ARGUMENT, () -> ACCOUNTS.resolve("broken"));
        LifecycleTest.assertCode(Code.INVALID_ARGUMENT, () -> ACCOUNTS.resolve("-1"));
        LifecycleTest.assertCode(Code.INVALID_ARGUMENT, () -> ACCOUNTS.resolve("99999999999"));
    }

    @Test
    void theUppermostLayerIsSeenAndNothingOutsideTheTree(@TempDir Path layers) throws IOException {
        Path upper = Files.createDirectories(layers.resolve("upper/etc")).getParent();
        Path lower = Files.createDirectories(layers.resolve("lower/etc")).getParent();
        FileTree tree = new FileTree(List.of(upper, lower));
        assertThat(tree.read("/etc/passwd")).isEmpty();
        Files.writeString(lower.resolve("etc/passwd"), "lower");
        assertThat(tree.read("/etc/passwd")).isEqualTo("lower");
        Files.writeString(upper.resolve("etc/passwd"), "upper");
        assertThat(tree.read("/etc/passwd")).isEqualTo("upper");
        Files.delete(upper.resolve("etc/passwd"));
        Files.createSymbolicLink(upper.resolve("etc/passwd"), Path.of("/other/../real"));
        Files.writeString(lower.resolve("real"), "real");
        assertThat(tree.read("/etc/passwd")).isEmpty();
        Files.createDirectory(lower.resolve("other"));
        assertThat(tree.read("/etc/passwd")).isEqualTo("real");
        Files.writeString(layers.resolve("secret"), "secret");
        Files.delete(upper.resolve("etc/passwd"));
        Files.createSymbolicLink(upper.resolve("etc/passwd"), Path.of("../../../../secret"));
        assertThat(tree.read("/etc/passwd")).isEmpty();
        Files.delete(upper.resolve("etc/passwd"));
        Files.createSymbolicLink(upper.resolve("etc/passwd"), Path.of("passwd"));
        assertThat(tree.read("/etc/passwd")).isEmpty();
        Files.delete(upper.resolve("etc/passwd"));
        Linux.makeFifo(upper.resolve("etc/passwd"));
        assertThat(tree.read("/etc/passwd")).isEmpty();
    }
}
