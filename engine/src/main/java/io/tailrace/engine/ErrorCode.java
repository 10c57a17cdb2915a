package io.tailrace.engine;

/** Every failure a caller can meet, numbered once: 1xx is the caller's to mend, 2xx the machine's, 3xx ours. */
public enum ErrorCode {
    /** A value is malformed or out of range. */
    INVALID_ARGUMENT(100),
    /** The named container, exec, image or timeline does not exist (any more). */
    NOT_FOUND(101),
    /** The id or name is taken. */
    ALREADY_EXISTS(102),
    /** It exists, but its state does not allow this. */
    FAILED_PRECONDITION(103),
    /** The runtime cannot do that. */
    UNSUPPORTED(104),
    /** The command's file does not exist in the container; the exit code is 127. */
    COMMAND_NOT_FOUND(105),
    /** The command's file exists but cannot be executed; the exit code is 126. */
    COMMAND_NOT_EXECUTABLE(106),
    /** Access was refused. */
    PERMISSION_DENIED(107),
    /** A cursor that does not belong to this timeline or lies beyond its end. */
    INVALID_CURSOR(108),
    /** Something is used up: memory, disk, a configured limit. */
    RESOURCE_EXHAUSTED(200),
    /** The runtime cannot be reached now; trying again may help. */
    UNAVAILABLE(201),
    /** Not done within its bound. */
    DEADLINE_EXCEEDED(202),
    /** A fault that has no other word. */
    INTERNAL(300);

    private final int number;

    ErrorCode(int number) {
        this.number = number;
    }

    /** The number of this code, the same in every protocol that carries one. */
    public int number() {
        return number;
    }
}
