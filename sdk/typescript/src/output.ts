import { concat } from "./bytes.js"
import { TailraceError } from "./errors.js"
import type { ContainerProcess } from "./process.js"
import { isMissing, type ExitStatus, type GapRecord, type StandardStream } from "./records.js"

/** What an error shows of a stream. */
const TAIL_BYTES_MAX = 65_536

/** The last of what an ended process wrote to a stream, as UTF-8. */
export async function tailOf(process: ContainerProcess, stream: StandardStream, exit: ExitStatus): Promise<string> {
  const length = stream === "stdout" ? exit.stdoutLength : exit.stderrLength
  if (length === 0) return ""
  const parts: Uint8Array[] = []
  const fromOffset = { stream, offset: Math.max(0, length - TAIL_BYTES_MAX) }
  try {
    for await (const record of process.follow({ fromOffset, kinds: ["output"], until: "now" })) {
      if (record.kind === "output" && record.stream === stream) parts.push(record.data)
    }
  } catch (error) {
    // Gone by now, or unreachable: how it ended is still worth more than this.
    if (!(error instanceof TailraceError)) throw error
  }
  return new TextDecoder().decode(concat(parts))
}

/** The failure of who wants every byte and cannot have it; undefined where the gap lies in what is not wanted. */
export function missingAt(gap: GapRecord, streams: readonly StandardStream[]): TailraceError | undefined {
  const missing = streams.filter(stream => isMissing(gap, stream))
  if (missing.length === 0) return undefined
  const ranges = missing.map(stream =>
    stream === "stdout" ? `stdout ${gap.stdoutFrom} to ${gap.stdoutTo}` : `stderr ${gap.stderrFrom} to ${gap.stderrTo}`,
  )
  return new TailraceError("INCOMPLETE", `output is missing (${gap.reason}): ${ranges.join(", ")}`)
}
