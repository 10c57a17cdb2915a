import type { CallOptions } from "./call-options.js"
import { TailraceError } from "./errors.js"
import type { ContainerProcess } from "./process.js"
import type { ExitStatus } from "./records.js"
import { Waiting } from "./waiting.js"

/** The exit of a process, read from its timeline: so it is found as well when the process has been removed since. */
export async function awaitExit(process: ContainerProcess, name: string, options: CallOptions): Promise<ExitStatus> {
  const waiting = new Waiting(options)
  try {
    for await (const record of process.follow({ kinds: ["state"], signal: waiting.signal })) {
      if (record.kind === "exit") return record.exit
    }
  } finally {
    waiting.release()
  }
  throw new TailraceError("INCOMPLETE", `${name}: its timeline ended without its exit`)
}
