package io.tailrace.runtime.spi;

import org.jspecify.annotations.Nullable;

/** A runtime's failure, with one code that the engine can decide on. The message names the offending value. */
public final class ContainerRuntimeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    /** Whose fault it is and what may help. */
    public enum Code {
        /** The named image, container or process does not exist. */
        NOT_FOUND,
        /** The id or name is taken. */
        ALREADY_EXISTS,
        /** A value is malformed or out of range. */
        INVALID_ARGUMENT,
        /** The thing exists, but is not in a state that allows this. */
        FAILED_PRECONDITION,
        /** This runtime cannot do that. */
        UNSUPPORTED,
        /** The command's file does not exist in the container (a shell would exit with 127). */
        COMMAND_NOT_FOUND,
        /** The command's file exists but cannot be executed (a shell would exit with 126). */
        COMMAND_NOT_EXECUTABLE,
        /** A limit of the machine or the runtime is reached: memory, disk, processes. */
        RESOURCE_EXHAUSTED,
        /** Access was refused, by a registry for instance. */
        PERMISSION_DENIED,
        /** The runtime cannot be reached now; trying again later may help. */
        UNAVAILABLE,
        /** Not done within its bound. */
        DEADLINE_EXCEEDED,
        /** The runtime failed in a way that this interface has no word for. */
        INTERNAL
    }

    private final Code code;

    /** A failure that nothing else caused. */
    public ContainerRuntimeException(Code code, String message) {
        this(code, message, null);
    }

    /** A failure with its cause. */
    public ContainerRuntimeException(Code code, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** The one code of this failure. */
    public Code code() {
        return code;
    }
}
