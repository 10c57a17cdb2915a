import { once } from "node:events"
import { TailraceError } from "./errors.js"
import { missingAt } from "./output.js"
import type { ContainerProcess } from "./process.js"
import type { ExitStatus } from "./records.js"
import type { TerminalSize } from "./spec.js"
import type { LocalTerminal } from "./terminal.js"

/** Of a terminal that does not say how large it is. */
const SIZE_DEFAULT: TerminalSize = { columns: 80, rows: 24 }

/** Node's own stdin and stdout. Used by one process at a time. */
export const localTerminal: LocalTerminal = { size, attach }

function size(): TerminalSize {
  const { stdin, stdout } = process
  if (!stdin.isTTY || !stdout.isTTY) {
    throw new TailraceError("FAILED_PRECONDITION", "stdin or stdout: no terminal (expected: a program that runs in one)")
  }
  const { columns, rows } = stdout
  return columns > 0 && rows > 0 ? { columns, rows } : SIZE_DEFAULT
}

async function attach(remote: ContainerProcess, signal: AbortSignal | undefined): Promise<ExitStatus> {
  const { stdin, stdout } = process
  const input = remote.stdin()
  const wasRaw = stdin.isRaw
  const wasFlowing = stdin.readableFlowing === true
  // A process that has ended takes neither; its exit, which comes by another way, is what counts.
  const ignored = () => undefined
  const typed = (keys: Buffer) => {
    stdin.pause()
    input.write(keys).then(() => stdin.resume(), ignored)
  }
  const resized = () => {
    remote.resize(size()).catch(ignored)
  }
  stdin.setRawMode(true)
  stdin.on("data", typed)
  stdin.resume()
  stdout.on("resize", resized)
  // It may have changed since the process was made.
  resized()
  try {
    return await show(remote, signal)
  } finally {
    stdout.off("resize", resized)
    stdin.off("data", typed)
    stdin.setRawMode(wasRaw)
    if (!wasFlowing) stdin.pause()
    input.detach().catch(ignored)
  }
}

/** Shows what a process writes, as fast as the terminal takes it. */
async function show(remote: ContainerProcess, signal: AbortSignal | undefined): Promise<ExitStatus> {
  const records = remote.follow({ kinds: ["output"], ...(signal === undefined ? {} : { signal }) })
  for await (const record of records) {
    if (record.kind === "exit") return record.exit
    const missing = record.kind === "gap" ? missingAt(record, ["stdout"]) : undefined
    if (missing !== undefined) throw missing
    if (record.kind === "output" && !process.stdout.write(record.data)) await once(process.stdout, "drain")
  }
  throw new TailraceError("INCOMPLETE", "the output ended without the exit")
}
