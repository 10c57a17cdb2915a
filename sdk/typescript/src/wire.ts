// From messages of the wire to the records of this package.
import { timestampDate, type Timestamp } from "@bufbuild/protobuf/wkt"
import { bytesOf } from "./bytes.js"
import type { ContainerStats, ProcessStatus as WireStatus } from "./gen/tailrace/v1/containers_pb.js"
import {
  ExitReason as WireReason,
  RecordKind as WireKind,
  StandardStream as WireStream,
  type Exit,
  type FeedRecord as WireFeedRecord,
  type Record as WireRecord,
} from "./gen/tailrace/v1/timelines_pb.js"
import type {
  ContainerState,
  ExitReason,
  ExitStatus,
  FeedRecord,
  ProcessStatus,
  RecordKind,
  StandardStream,
  Stats,
  TimelineRecord,
} from "./records.js"

const STATES = new Set<string>([
  "created",
  "starting",
  "running",
  "paused",
  "draining",
  "restarting",
  "exited",
  "removed",
])

const REASONS: Record<WireReason, ExitReason> = {
  [WireReason.UNSPECIFIED]: "unknown",
  [WireReason.EXITED]: "exited",
  [WireReason.SIGNALLED]: "signalled",
  [WireReason.OUT_OF_MEMORY]: "out_of_memory",
  [WireReason.TIMED_OUT]: "timed_out",
  [WireReason.STOPPED]: "stopped",
  [WireReason.START_FAILED]: "start_failed",
  [WireReason.LOST]: "lost",
}

const KINDS: Record<RecordKind, WireKind> = {
  output: WireKind.OUTPUT,
  state: WireKind.STATE,
  health: WireKind.HEALTH,
  message: WireKind.MESSAGE,
}

export function wireKind(kind: RecordKind): WireKind {
  return KINDS[kind]
}

export function wireStream(stream: StandardStream): WireStream {
  return stream === "stdout" ? WireStream.STDOUT : WireStream.STDERR
}

export function dateOf(time: Timestamp | undefined): Date | undefined {
  return time === undefined ? undefined : timestampDate(time)
}

export function stateOf(word: string): ContainerState {
  return STATES.has(word) ? (word as ContainerState) : "unknown"
}

export function exitOf(exit: Exit): ExitStatus {
  return {
    // A reason of a newer server is a number that stands in no table.
    reason: (REASONS[exit.reason] as ExitReason | undefined) ?? "unknown",
    // Presence tells "0" from "not said": a missing exit code must never read as success.
    exitCode: exit.exitCode ?? -1,
    signal: exit.signal,
    stdoutLength: Number(exit.stdoutLength),
    stdoutCrc32: exit.stdoutCrc32 >>> 0,
    stderrLength: Number(exit.stderrLength),
    stderrCrc32: exit.stderrCrc32 >>> 0,
    message: exit.message,
  }
}

/** Undefined for a kind of record that this client does not know. */
export function recordOf(record: WireRecord): TimelineRecord | undefined {
  const place = {
    sequence: Number(record.sequence),
    timestampNanos: record.timestampNanos,
    cursor: record.cursor,
  }
  const content = record.content
  switch (content.case) {
    case "output":
      return {
        kind: "output",
        ...place,
        stream: content.value.stream === WireStream.STDERR ? "stderr" : "stdout",
        offset: Number(content.value.offset),
        data: bytesOf(content.value.data),
      }
    case "state":
      return { kind: "state", ...place, state: stateOf(content.value.state), attributes: content.value.attributes }
    case "health":
      return {
        kind: "health",
        ...place,
        status: content.value.status,
        exitCode: content.value.exitCode,
        durationNanos: content.value.durationNanos,
        output: bytesOf(content.value.output),
      }
    case "message":
      return { kind: "message", ...place, topic: content.value.topic, data: bytesOf(content.value.data) }
    case "gap":
      return {
        kind: "gap",
        ...place,
        lastSequence: Number(content.value.lastSequence),
        reason: content.value.reason,
        stdoutFrom: Number(content.value.stdoutFrom),
        stdoutTo: Number(content.value.stdoutTo),
        stderrFrom: Number(content.value.stderrFrom),
        stderrTo: Number(content.value.stderrTo),
      }
    case "exit":
      return { kind: "exit", ...place, exit: exitOf(content.value) }
    case undefined:
      return undefined
  }
}

export function feedRecordOf(record: WireFeedRecord): FeedRecord {
  return {
    sequence: Number(record.sequence),
    cursor: record.cursor,
    containerId: record.container,
    containerName: record.containerName,
    execId: record.exec,
    event: record.event,
    time: dateOf(record.time),
    record: record.record === undefined ? undefined : recordOf(record.record),
  }
}

export function statusOf(status: WireStatus | undefined): ProcessStatus {
  return {
    state: stateOf(status?.state ?? ""),
    pid: Number(status?.pid ?? 0),
    createdAt: dateOf(status?.createdAt),
    startedAt: dateOf(status?.startedAt),
    finishedAt: dateOf(status?.finishedAt),
    exit: status?.exit === undefined ? undefined : exitOf(status.exit),
    stdoutLength: Number(status?.stdoutLength ?? 0),
    stderrLength: Number(status?.stderrLength ?? 0),
    problem: status?.problem ?? "",
    restarts: Number(status?.restarts ?? 0),
  }
}

export function statsOf(stats: ContainerStats): Stats {
  return {
    time: dateOf(stats.time),
    cpuPercent: stats.cpuPercent,
    cpuNanos: stats.cpuNanos,
    memoryBytes: Number(stats.memoryBytes),
    memoryLimitBytes: Number(stats.memoryLimitBytes),
    pids: Number(stats.pids),
    blockReadBytes: Number(stats.blockReadBytes),
    blockWriteBytes: Number(stats.blockWriteBytes),
    networkReceivedBytes: Number(stats.networkReceivedBytes),
    networkSentBytes: Number(stats.networkSentBytes),
  }
}
