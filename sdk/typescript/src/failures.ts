// From the failures of gRPC and of its transports to TailraceError: by the reason in the status details, else by the code.
import { Code, ConnectError } from "@connectrpc/connect"
import { ERROR_CODES, TailraceError, type ErrorCode } from "./errors.js"
import { ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js"

const BY_STATUS: Record<Code, ErrorCode> = {
  [Code.InvalidArgument]: "INVALID_ARGUMENT",
  [Code.OutOfRange]: "INVALID_ARGUMENT",
  [Code.NotFound]: "NOT_FOUND",
  [Code.AlreadyExists]: "ALREADY_EXISTS",
  [Code.FailedPrecondition]: "FAILED_PRECONDITION",
  [Code.Aborted]: "FAILED_PRECONDITION",
  [Code.Unimplemented]: "UNSUPPORTED",
  [Code.PermissionDenied]: "PERMISSION_DENIED",
  [Code.Unauthenticated]: "UNAUTHENTICATED",
  [Code.ResourceExhausted]: "RESOURCE_EXHAUSTED",
  [Code.Unavailable]: "UNAVAILABLE",
  [Code.DeadlineExceeded]: "DEADLINE_EXCEEDED",
  [Code.Canceled]: "CANCELLED",
  [Code.DataLoss]: "CORRUPT",
  [Code.Unknown]: "INTERNAL",
  [Code.Internal]: "INTERNAL",
}

/** What no transport says of itself: an answer to the request, which would be the same again. */
const ANSWERS = new Set([
  Code.Unauthenticated,
  Code.PermissionDenied,
  Code.Unimplemented,
  Code.ResourceExhausted,
  Code.NotFound,
  Code.AlreadyExists,
  Code.FailedPrecondition,
  Code.OutOfRange,
])

function reasonOf(failure: ConnectError): ErrorCode | undefined {
  const reason = failure.findDetails(ErrorInfoSchema)[0]?.reason
  // A reason of a newer server: the status code still says what kind of failure it is.
  return reason !== undefined && Object.hasOwn(ERROR_CODES, reason) ? (reason as ErrorCode) : undefined
}

/** Whether a server said it: else it happened on the way. */
function isAnswer(failure: ConnectError): boolean {
  return failure.metadata.has("grpc-status") || ANSWERS.has(failure.code)
}

/** Whether the same call may succeed on a new connection: the transport failed, not the request. */
export function isConnectionLost(error: unknown): boolean {
  const failure = ConnectError.from(error)
  const reason = reasonOf(failure)
  if (reason !== undefined) return reason === "UNAVAILABLE"
  if (ANSWERS.has(failure.code)) return false
  // An envelope that was cut off is an "invalid argument" of the transport's own.
  return !(isAnswer(failure) && failure.code === Code.InvalidArgument)
}

/**
 * Whether the server has not begun with a call, as it says of those that reach a connection that it is about to end: then also
 * an order may be given again.
 */
export function isRefused(error: unknown): boolean {
  const failure = ConnectError.from(error)
  return !isAnswer(failure) && /\bREFUSED_STREAM\b|NGHTTP2_REFUSED_STREAM/.test(words(failure))
}

/** The failure of a call, in this client's terms. */
export function failureOf(error: unknown, address: string): TailraceError {
  if (error instanceof TailraceError) return error
  const failure = ConnectError.from(error)
  const reason = reasonOf(failure)
  if (reason !== undefined) return new TailraceError(reason, failure.rawMessage, error)
  // Also a cancellation: the caller's own is told apart before this is asked.
  if (!isAnswer(failure) && failure.code !== Code.DeadlineExceeded) {
    return new TailraceError("UNAVAILABLE", `cannot reach the server at ${address}: ${words(failure)}`, error)
  }
  const code = BY_STATUS[failure.code]
  if (code === "UNAUTHENTICATED") {
    return new TailraceError(code, `the server at ${address} wants a token (TAILRACE_TOKEN): ${failure.rawMessage}`, error)
  }
  return new TailraceError(code, failure.rawMessage || Code[failure.code], error)
}

/** What the transport met: the innermost cause has the words. */
function words(failure: ConnectError): string {
  let cause: unknown = failure
  const seen = new Set<unknown>()
  while (cause instanceof Error && cause.cause instanceof Error && !seen.has(cause)) {
    seen.add(cause)
    cause = cause.cause
  }
  if (cause instanceof ConnectError) return cause.rawMessage
  if (cause instanceof AggregateError && cause.errors[0] instanceof Error) return cause.errors[0].message
  return cause instanceof Error ? cause.message || cause.name : failure.rawMessage
}

/** Why a caller's signal was aborted: a time that is up is DEADLINE_EXCEEDED, all else CANCELLED. */
export function abortedBy(signal: AbortSignal): TailraceError {
  const reason: unknown = signal.reason
  if (reason instanceof TailraceError) return reason
  const isTimeout = reason instanceof Error && reason.name === "TimeoutError"
  return isTimeout
    ? new TailraceError("DEADLINE_EXCEEDED", "the time that the caller gave is up", reason)
    : new TailraceError("CANCELLED", "aborted by the caller", reason)
}
