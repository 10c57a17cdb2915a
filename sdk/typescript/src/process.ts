import type { CallOptions } from "./call-options.js"
import type { Follow, FollowOptions } from "./follow.js"
import type { LineOptions, MatchedLine } from "./lines.js"
import type { ExitStatus, ProcessStatus } from "./records.js"
import type { TerminalSize } from "./spec.js"
import type { Stdin } from "./stdin.js"

/** What the init process of a container and its execs have in common: they are followed, written to and signalled alike. */
export interface ContainerProcess {
  /** Where it stands now. */
  status(options?: CallOptions): Promise<ProcessStatus>
  /** Its timeline: by default from the first record to its exit. */
  follow(options?: FollowOptions): Follow
  /** Writes to its stdin. FAILED_PRECONDITION, when writing, if it was made without stdin or is gone. */
  stdin(): Stdin
  /** Sends it a signal: a name with or without SIG in any case, or a number. Not running: FAILED_PRECONDITION. */
  kill(signal: string, options?: CallOptions): Promise<void>
  /** Changes the size of its terminal. Without one: FAILED_PRECONDITION. */
  resize(size: TerminalSize, options?: CallOptions): Promise<void>
  /**
   * Waits for a line of output that matches a pattern (RE2 syntax), found anywhere in a line. DEADLINE_EXCEEDED when the
   * time is up; FAILED_PRECONDITION when the process has ended without it.
   */
  waitForLine(pattern: string, options?: LineOptions): Promise<MatchedLine>
  /** Waits until it has ended, and says how; over lost connections as well. */
  waitFor(options?: CallOptions): Promise<ExitStatus>
}
