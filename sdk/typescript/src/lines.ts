import { bytesOf, type Bytes } from "./bytes.js"
import type { CallOptions } from "./call-options.js"
import type { Connection } from "./connection.js"
import { StandardStream as WireStream } from "./gen/tailrace/v1/timelines_pb.js"
import type { StandardStream } from "./records.js"
import { millis } from "./requests.js"
import { wireStream } from "./wire.js"

/** The server answers when the time is up; the call itself has so much more. */
const SLACK_MILLIS = 15_000

/** Where a line is looked for: by default in both streams, from the first record on, without limit. */
export interface LineOptions extends CallOptions {
  /** Behind the record that had this cursor. */
  after?: string
  streams?: readonly StandardStream[]
}

/** A line of output that was waited for. */
export interface MatchedLine {
  readonly stream: StandardStream
  /** Of its first byte in its stream. */
  readonly offset: number
  /** Without its end; longer than 65536 bytes: cut. */
  readonly line: Bytes
  /** The place behind it. */
  readonly cursor: string
}

/** Waits for a line of a process's output. */
export async function waitForLine(
  connection: Connection,
  process: { container: string; exec: string },
  pattern: string,
  options: LineOptions,
): Promise<MatchedLine> {
  const timeout = options.timeoutMillis
  const request = {
    ...process,
    pattern,
    cursor: options.after ?? "",
    streams: (options.streams ?? []).map(wireStream),
    ...(timeout === undefined ? {} : { timeout: millis("timeoutMillis", timeout) }),
  }
  const response = await connection.ask(
    wire => connection.timelines.waitForLine(request, wire),
    options.signal === undefined ? {} : { signal: options.signal },
    timeout === undefined ? null : timeout + SLACK_MILLIS,
  )
  return {
    stream: response.stream === WireStream.STDERR ? "stderr" : "stdout",
    offset: Number(response.offset),
    line: bytesOf(response.line),
    cursor: response.cursor,
  }
}
