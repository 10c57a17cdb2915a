package io.tailrace.runtime.containerd;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.tailrace.runtime.spi.ContainerRuntimeException.Code;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartFailureTest {
    private static final String CREATE =
            "OCI runtime create failed: runc create failed: unable to start container process: ";

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "exec: \"nope\": executable file not found in $PATH: unknown | COMMAND_NOT_FOUND | nope",
                "exec: \"/a b\": stat /a b: no such file or directory: unknown | COMMAND_NOT_FOUND | /a b",
                "exec: \"/x\": permission denied: unknown | COMMAND_NOT_EXECUTABLE | /x",
                "exec: \"/\": is a directory: unknown | COMMAND_NOT_EXECUTABLE | /",
                "exec: \"/x\": exec format error: unknown | COMMAND_NOT_EXECUTABLE | /x",
                "chdir to cwd (\"/d\") set in config.json failed: no such file or directory: unknown | INVALID_ARGUMENT | /d",
            })
    void whatTheCommandIsToBlameForIsTold(String reason, Code code, String named) {
        assertThat(StartFailure.of(
                        Status.UNKNOWN.withDescription(CREATE + reason).asRuntimeException()))
                .hasValueSatisfying(failure -> {
                    assertThat(failure.code()).isEqualTo(code);
                    assertThat(failure).hasMessageContaining(named);
                });
    }

    @Test
    void otherFailuresAreNotTheCommands() {
        assertThat(StartFailure.of(Status.UNKNOWN
                        .withDescription(CREATE + "error mounting \"/x\": no such file or directory")
                        .asRuntimeException()))
                .isEmpty();
    }
}
