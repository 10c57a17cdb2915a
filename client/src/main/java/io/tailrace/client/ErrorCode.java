package io.tailrace.client;

/** What kind of failure a {@link TailraceException} is. The server's codes keep their names; the rest are this client's. */
public enum ErrorCode {
    /** A value is malformed or out of range. */
    INVALID_ARGUMENT,
    /** The named container, exec, image or timeline does not exist (any more). */
    NOT_FOUND,
    /** The id or name is taken. */
    ALREADY_EXISTS,
    /** It exists, but its state does not allow this. */
    FAILED_PRECONDITION,
    /** The server or its runtime cannot do that. */
    UNSUPPORTED,
    /** The command's file does not exist in the container. */
    COMMAND_NOT_FOUND,
    /** The command's file exists but cannot be executed. */
    COMMAND_NOT_EXECUTABLE,
    /** Access was refused. */
    PERMISSION_DENIED,
    /** No token was given, or a wrong one. */
    UNAUTHENTICATED,
    /** A cursor that does not belong to this timeline or lies beyond its end. */
    INVALID_CURSOR,
    /** Something is used up: memory, disk, a configured limit. */
    RESOURCE_EXHAUSTED,
    /** The server, or its runtime, cannot be reached now; trying again may help. */
    UNAVAILABLE,
    /** Not done within its bound. */
    DEADLINE_EXCEEDED,
    /** The caller's thread was interrupted, or closed what it was waiting on. */
    CANCELLED,
    /** A stream of records ended before the process's exit record: there may be more that was not delivered. */
    INCOMPLETE,
    /** What was received is not what the server says it recorded: a sequence, length or checksum does not match. */
    CORRUPT,
    /** A fault that has no other word. */
    INTERNAL
}
