import type { Bytes } from "./bytes.js"

/** Where output goes. */
export type StandardStream = "stdout" | "stderr"

/** The kinds of records that can be asked for; gaps and exits always come. */
export type RecordKind = "output" | "state" | "health" | "message"

/** Where a container or an exec stands; `unknown` is a state that this client does not know. */
export type ContainerState =
  | "created"
  | "starting"
  | "running"
  | "paused"
  | "draining"
  | "restarting"
  | "exited"
  | "removed"
  | "unknown"

/** Why a process ended; `unknown` is a reason that this client does not know. */
export type ExitReason =
  | "exited"
  | "signalled"
  | "out_of_memory"
  | "timed_out"
  | "stopped"
  | "start_failed"
  | "lost"
  | "unknown"

/**
 * How a process ended, and what it wrote in all. Lengths and CRC-32 (RFC 1952, as gzip has it) are of each whole stream
 * from offset 0.
 */
export interface ExitStatus {
  readonly reason: ExitReason
  /** 0 to 255, 128 + n for signal n; -1 if it is not known. */
  readonly exitCode: number
  /** The signal that ended it; 0 for none. */
  readonly signal: number
  readonly stdoutLength: number
  /** 0 to 2^32 - 1 */
  readonly stdoutCrc32: number
  readonly stderrLength: number
  /** 0 to 2^32 - 1 */
  readonly stderrCrc32: number
  /** For people; may be empty. */
  readonly message: string
}

/** Whether it exited by itself with code 0. */
export function isSuccess(exit: ExitStatus): boolean {
  return exit.reason === "exited" && exit.exitCode === 0
}

/** What all records have. */
export interface RecordPlace {
  /** Its number in its timeline: dense, from 1. */
  readonly sequence: number
  /** Nanoseconds since the Unix epoch; they never decrease within a timeline. */
  readonly timestampNanos: bigint
  /** The place behind it. Opaque: `follow({ after: cursor })` goes on from there, in any later process. */
  readonly cursor: string
}

/** A chunk of output, byte for byte as the process wrote it; chunks are cut anywhere, also within a character. */
export interface OutputRecord extends RecordPlace {
  readonly kind: "output"
  readonly stream: StandardStream
  /** Where its first byte stands in its stream, from 0. */
  readonly offset: number
  /** 1 to 65536 bytes. */
  readonly data: Bytes
}

/** A change of state. */
export interface StateRecord extends RecordPlace {
  readonly kind: "state"
  /** The state that was entered. */
  readonly state: ContainerState
  /** What else the server says about it. With an `event`, the state stays as it was. */
  readonly attributes: Readonly<Record<string, string>>
}

/** The result of a health check. */
export interface HealthRecord extends RecordPlace {
  readonly kind: "health"
  /** The status after it: `starting`, `healthy`, `unhealthy`. */
  readonly status: string
  /** Of the probe; 0 is a success. */
  readonly exitCode: number
  readonly durationNanos: bigint
  /** What the probe printed, perhaps cut. */
  readonly output: Bytes
}

/** A message to or from the container. */
export interface MessageRecord extends RecordPlace {
  readonly kind: "message"
  readonly topic: string
  readonly data: Bytes
}

/** Something that is no longer, or never was, in the timeline. Ranges are [from, to). */
export interface GapRecord extends RecordPlace {
  readonly kind: "gap"
  readonly lastSequence: number
  /** `retention`, `dropped`, `lost`, `damaged`; with `-at-least`, nobody knows how many bytes more are missing. */
  readonly reason: string
  readonly stdoutFrom: number
  readonly stdoutTo: number
  readonly stderrFrom: number
  readonly stderrTo: number
}

/** The end of a process; comes after its last byte of output. */
export interface ExitRecord extends RecordPlace {
  readonly kind: "exit"
  readonly exit: ExitStatus
}

/** One entry of a timeline. */
export type TimelineRecord = OutputRecord | StateRecord | HealthRecord | MessageRecord | GapRecord | ExitRecord

/** Whether bytes of a stream are missing at a gap, or may be. */
export function isMissing(gap: GapRecord, stream: StandardStream): boolean {
  const isRange = stream === "stdout" ? gap.stdoutTo > gap.stdoutFrom : gap.stderrTo > gap.stderrFrom
  return isRange || gap.reason.endsWith("-at-least")
}

/** Where a process stands; a snapshot. */
export interface ProcessStatus {
  readonly state: ContainerState
  /** Its process id on the server's host; 0 if it does not run. */
  readonly pid: number
  readonly createdAt: Date | undefined
  /** When its latest run began; undefined if it never ran. */
  readonly startedAt: Date | undefined
  /** When its latest run ended; undefined while it runs. */
  readonly finishedAt: Date | undefined
  /** How its latest run ended; undefined if it has not. */
  readonly exit: ExitStatus | undefined
  /** Bytes recorded so far. */
  readonly stdoutLength: number
  readonly stderrLength: number
  /** What is wrong with it now, for people; empty if nothing is. */
  readonly problem: string
  /** How often its restart policy has started it since a client did. */
  readonly restarts: number
}

/** What a container uses. */
export interface Stats {
  readonly time: Date | undefined
  /** Of one processor: 200 is two busy ones. */
  readonly cpuPercent: number
  /** Processor time since its start. */
  readonly cpuNanos: bigint
  readonly memoryBytes: number
  /** 0: none. */
  readonly memoryLimitBytes: number
  /** Processes and threads. */
  readonly pids: number
  readonly blockReadBytes: number
  readonly blockWriteBytes: number
  readonly networkReceivedBytes: number
  readonly networkSentBytes: number
}

/** One lifecycle record of a container, or of one of its execs. */
export interface FeedRecord {
  /** Its number in the feed: dense, from 1. */
  readonly sequence: number
  /** The place behind it. */
  readonly cursor: string
  readonly containerId: string
  readonly containerName: string
  /** Empty for the container itself. */
  readonly execId: string
  /** `created`, `starting`, `running`, `paused`, `resumed`, `draining`, `exited`, `removed`, `health`, `gap` and others. */
  readonly event: string
  readonly time: Date | undefined
  /** The record of the container's timeline. */
  readonly record: TimelineRecord | undefined
}
