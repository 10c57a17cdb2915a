import type { ContainerProcess } from "./process.js"
import type { ExitStatus } from "./records.js"
import type { TerminalSize } from "./spec.js"

/** What runs in a terminal unless something else is asked for. */
export const SHELL: readonly string[] = ["sh"]

/** The terminal that a program runs in. */
export interface LocalTerminal {
  /** Its size. FAILED_PRECONDITION if the program does not run in one. */
  size(): TerminalSize

  /**
   * Connects it with a process that has a terminal: what is typed goes there, what the process writes is shown, and the size is
   * kept the same. Until the process has ended; then, and when the signal aborts it, the terminal is as it was before.
   */
  attach(process: ContainerProcess, signal: AbortSignal | undefined): Promise<ExitStatus>
}
