import type { ExitStatus } from "./records.js"

/**
 * What kind of failure a {@link TailraceError} is, with the number of the gRPC status that goes with it. The server's codes
 * keep their names; `CANCELLED`, `INCOMPLETE`, `CORRUPT` and `COMMAND_FAILED` are this client's.
 */
export const ERROR_CODES = {
  /** A value is malformed or out of range. */
  INVALID_ARGUMENT: 3,
  /** The named container, exec, image or timeline does not exist (any more). */
  NOT_FOUND: 5,
  /** The id or name is taken. */
  ALREADY_EXISTS: 6,
  /** It exists, but its state does not allow this. */
  FAILED_PRECONDITION: 9,
  /** The server, its runtime, or this client where it runs, cannot do that. */
  UNSUPPORTED: 12,
  /** The command's file does not exist in the container. */
  COMMAND_NOT_FOUND: 9,
  /** The command's file exists but cannot be executed. */
  COMMAND_NOT_EXECUTABLE: 9,
  /** A command that was to succeed ended otherwise: see {@link CommandFailedError}. */
  COMMAND_FAILED: 9,
  /** Access was refused. */
  PERMISSION_DENIED: 7,
  /** No token was given, or a wrong one. */
  UNAUTHENTICATED: 16,
  /** A cursor that does not belong to this timeline or lies beyond its end. */
  INVALID_CURSOR: 11,
  /** Something is used up: memory, disk, a configured limit. */
  RESOURCE_EXHAUSTED: 8,
  /** The server, or its runtime, cannot be reached now; trying again may help. */
  UNAVAILABLE: 14,
  /** Not done within its bound. */
  DEADLINE_EXCEEDED: 4,
  /** The caller aborted it, or closed what it was waiting on. */
  CANCELLED: 1,
  /** A stream of records ended before the process's exit record: there may be more that was not delivered. */
  INCOMPLETE: 15,
  /** What was received is not what the server says it recorded: a sequence, length or checksum does not match. */
  CORRUPT: 15,
  /** A fault that has no other word. */
  INTERNAL: 13,
} as const

/** The name of a kind of failure. */
export type ErrorCode = keyof typeof ERROR_CODES

/** A failure, with one code for programs and a message for people. */
export class TailraceError extends Error {
  /** What kind of failure it is, by name: `error.code === "UNAVAILABLE"`. */
  readonly code: ErrorCode
  /** The same as gRPC numbers it: `error.codeNumber === 14`. */
  readonly codeNumber: number

  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.name = "TailraceError"
    this.code = code
    this.codeNumber = ERROR_CODES[code]
  }
}

/** A command that was to succeed ended otherwise. */
export class CommandFailedError extends TailraceError {
  /** What ran. */
  readonly command: readonly string[]
  /** How it ended. */
  readonly exit: ExitStatus
  /** 128 + n for signal n; -1 if it is not known. */
  readonly exitCode: number
  /** The last of its stdout, as UTF-8, at most 64 KiB. */
  readonly stdout: string
  /** The last of its stderr, as UTF-8, at most 64 KiB. */
  readonly stderr: string

  constructor(command: readonly string[], exit: ExitStatus, stdout: string, stderr: string) {
    super("COMMAND_FAILED", describe(command, exit, stderr || stdout))
    this.name = "CommandFailedError"
    this.command = command
    this.exit = exit
    this.exitCode = exit.exitCode
    this.stdout = stdout
    this.stderr = stderr
  }
}

const SHOWN_COMMAND_MAX = 200
const SHOWN_OUTPUT_MAX = 500

function describe(command: readonly string[], exit: ExitStatus, output: string): string {
  const words = command.map(word => (/^[\w./:=@%+-]+$/.test(word) ? word : JSON.stringify(word))).join(" ")
  const shown = words.length > SHOWN_COMMAND_MAX ? words.slice(0, SHOWN_COMMAND_MAX) + "…" : words
  const how = exit.reason === "exited" ? "" : ` (${exit.reason}${exit.message ? `: ${exit.message}` : ""})`
  const said = output.trim().slice(-SHOWN_OUTPUT_MAX)
  return `${shown || "the image's command"}: exit code ${exit.exitCode}${how} (expected: 0)${said ? `\n${said}` : ""}`
}

/** INVALID_ARGUMENT, in the words that all of Tailrace uses. */
export function invalid(name: string, value: unknown, expected: string): TailraceError {
  const shown = typeof value === "string" ? JSON.stringify(value) : String(value)
  return new TailraceError("INVALID_ARGUMENT", `${name}: ${shown} (expected: ${expected})`)
}
