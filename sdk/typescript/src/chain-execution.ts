import type { Container } from "./container.js"
import { ContainerStart, feedStdin } from "./container-start.js"
import { CommandFailedError, TailraceError } from "./errors.js"
import type { Exec } from "./exec.js"
import { END_MILLIS_MAX, type Execution } from "./execution.js"
import { containerId } from "./ids.js"
import { KeptFiles } from "./kept-files.js"
import { tailOf } from "./output.js"
import { containerSpecOf, type Plan, type Step } from "./plan.js"
import { isSuccess, type ExitStatus } from "./records.js"
import type { Session } from "./session.js"

/** A program that is in nearly every image, and waits on its stdin for as long as nobody writes to it. */
const HOLDER = ["cat"]

/** What ends a holder whose client is gone: nobody else would. */
const HOLDER_MILLIS_MAX = 24 * 3_600_000

/** A run that was begun: the container that holds the files, and the last command once it runs. */
interface Begun {
  readonly start: ContainerStart
  readonly process: Promise<Exec>
}

/**
 * The run of several commands, each on the files that the one before has left: execs of one container that waits. So is that of
 * a single one whose files are wanted: the container outlives it for their readers.
 */
export class ChainExecution implements Execution {
  readonly #session: Session
  readonly #plan: Plan
  readonly #last: Step
  #begun: Begun | undefined
  current: Exec | undefined
  exit: ExitStatus | undefined
  failure: TailraceError | undefined
  readonly files: KeptFiles | undefined

  /**
   * @param plan of one step or more
   * @param keepsFiles whether the container waits for readers of its files when the last command has succeeded
   */
  constructor(session: Session, plan: Plan, keepsFiles: boolean) {
    this.#session = session
    this.#plan = plan
    this.#last = plan.steps[plan.steps.length - 1] as Step
    this.files = keepsFiles ? new KeptFiles(session.kept, () => this.#remove()) : undefined
  }

  get isBegun(): boolean {
    return this.#begun !== undefined
  }

  get command(): readonly string[] {
    return this.#last.command
  }

  container(): Promise<Container> {
    return this.#begin().start.container
  }

  containerOrPull(): Promise<Container | undefined> {
    return this.#begin().start.containerOrPull()
  }

  process(): Promise<Exec> {
    return this.#begin().process
  }

  exited(exit: ExitStatus): void {
    this.exit ??= exit
  }

  async end(): Promise<void> {
    try {
      await (await this.container()).remove({ force: true, timeoutMillis: END_MILLIS_MAX })
    } catch (error) {
      // It was never started, or is gone already.
      if (!(error instanceof TailraceError) || (error.code !== "NOT_FOUND" && error !== this.failure)) throw error
    }
  }

  #begin(): Begun {
    if (this.#begun !== undefined) return this.#begun
    this.#session.began(this)
    const start = new ContainerStart(this.#session, {
      ...containerSpecOf(this.#plan),
      id: containerId(),
      entrypoint: [],
      command: HOLDER,
      stdin: true,
      timeoutMillis: this.#plan.timeoutMillis ?? HOLDER_MILLIS_MAX,
    })
    const begun = { start, process: start.container.then(holder => this.#runSteps(holder)) }
    this.#begun = begun
    begun.process.then(
      last => this.#removeBehind(last),
      (error: unknown) => this.#failed(error),
    )
    return begun
  }

  /** All commands but the last to their end, and the last one begun. */
  async #runSteps(holder: Container): Promise<Exec> {
    const name = `container ${holder.id.slice(0, 12)}`
    for (const step of this.#plan.steps.slice(0, -1)) {
      const exec = await this.#runStep(holder, step)
      const exit = await exec.waitFor()
      this.#session.say(`${name}: ${step.command.join(" ")}: ${exit.reason}, exit code ${exit.exitCode}`)
      if (!isSuccess(exit) && step.expect !== "any") {
        const stdout = await tailOf(exec, "stdout", exit)
        throw new CommandFailedError(step.command, exit, stdout, await tailOf(exec, "stderr", exit))
      }
    }
    return this.#runStep(holder, this.#last)
  }

  async #runStep(holder: Container, step: Step): Promise<Exec> {
    for (const write of step.files) await write(holder, {})
    const entrypoint = step.useEntrypoint === true ? await this.#session.entrypoint(this.#plan.image) : []
    const exec = await holder.exec({
      command: [...entrypoint, ...step.command],
      env: step.env,
      ...(step.workdir === undefined ? {} : { workingDirectory: step.workdir }),
      ...(step.user === undefined ? {} : { user: step.user }),
      ...(step.terminal === undefined ? {} : { terminal: step.terminal }),
      stdin: step.stdin !== undefined || (step === this.#last && this.#plan.hasStdin),
    })
    this.current = exec
    this.#session.say(`container ${holder.id.slice(0, 12)} runs: ${step.command.join(" ")}`)
    if (step.stdin !== undefined) feedStdin(exec, step.stdin)
    return exec
  }

  /** The holder goes when the last command has ended, but for readers of its files; the output stays for the retention period. */
  async #removeBehind(last: Exec): Promise<void> {
    try {
      const exit = await last.waitFor()
      this.#session.say(`${this.command.join(" ")}: ${exit.reason}, exit code ${exit.exitCode}`)
      this.exited(exit)
      if (this.files !== undefined && (isSuccess(exit) || this.#last.expect === "any")) {
        this.files.left()
        return
      }
    } catch {
      // The client was closed or has lost its server: whoever reads the output is told.
    }
    await this.#remove()
  }

  async #failed(error: unknown): Promise<void> {
    if (error instanceof TailraceError) this.failure = error
    if (error instanceof CommandFailedError) this.exited(error.exit)
    await this.#remove()
  }

  async #remove(): Promise<void> {
    try {
      await this.end()
      this.#session.ended(this)
    } catch {
      // Closing the client tries again, and says so if it fails.
    }
  }
}
