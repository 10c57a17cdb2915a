import type { Container } from "./container.js"
import type { TailraceError } from "./errors.js"
import type { KeptFiles } from "./kept-files.js"
import type { ContainerProcess } from "./process.js"
import type { ExitStatus } from "./records.js"

/** The one run of a lazy container, shared by all who ask something of it. */
export interface Execution {
  /** Whether it was begun. */
  readonly isBegun: boolean
  /** The command whose output and exit are the run's. */
  readonly command: readonly string[]
  /** Its container, once it is there. Begins the run. */
  container(): Promise<Container>
  /** Settles with {@link container}, or with undefined as soon as an image has to be fetched for it. Begins the run. */
  containerOrPull(): Promise<Container | undefined>
  /** The process whose output and exit are the run's, once it runs. Rejects if it never will. Begins the run. */
  process(): Promise<ContainerProcess>
  /** The process that runs now: what signals go to. */
  readonly current: ContainerProcess | undefined
  /** How it ended, if that is known here. */
  readonly exit: ExitStatus | undefined
  /** Why the process whose output counts was never started, if that is so. */
  readonly failure: TailraceError | undefined
  /** Its files, if it was begun to keep them for readers. */
  readonly files: KeptFiles | undefined
  /** Is told how the process ended, by whoever has read it. */
  exited(exit: ExitStatus): void
  /** Ends it, and leaves nothing of it. */
  end(): Promise<void>
}

/** How long it may take to end one. */
export const END_MILLIS_MAX = 20_000
