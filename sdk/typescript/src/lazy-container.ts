import { concat, encoded, type Bytes } from "./bytes.js"
import { ChainExecution } from "./chain-execution.js"
import type { CallOptions } from "./call-options.js"
import type { Container } from "./container.js"
import { statusOf, type ContainerStatus, type StatusOptions } from "./container-status.js"
import { CommandFailedError, invalid, TailraceError } from "./errors.js"
import type { Execution } from "./execution.js"
import type { NewFileOptions } from "./files.js"
import { lifecycleOf, type LifecycleEvent } from "./lifecycle.js"
import { LazyDirectory, LazyFile, type FilesOfRun } from "./lazy-files.js"
import type { LineOptions, MatchedLine } from "./lines.js"
import { missingAt, tailOf } from "./output.js"
import { EMPTY_PLAN, type ExecOptions, type FileWrite, type Plan, type Step } from "./plan.js"
import type { ContainerProcess } from "./process.js"
import { isSuccess, type ExitStatus, type StandardStream } from "./records.js"
import type { Session } from "./session.js"
import { SingleExecution } from "./single-execution.js"
import type { HealthCheck, Limits, NetworkMode, Port } from "./spec.js"
import type { Stdin } from "./stdin.js"
import { SHELL } from "./terminal.js"
import { Waiting } from "./waiting.js"

/** What `stdout()` and `stderr()` hold at most; `streamLogs()` has no limit. */
const COLLECTED_BYTES_MAX = 64 << 20

/** A command that nearly every image has and that does nothing: what it leaves are the files that were there. */
const NOTHING = ["cat", "/dev/null"]

/** A piece of what a command writes, or its end: exactly one of these. */
export interface StreamLogsChunk {
  /** As it was written, cut anywhere. */
  stdout?: Bytes
  /** As it was written, cut anywhere. */
  stderr?: Bytes
  /** Comes once, last. 128 + n for signal n; -1 if it is not known. */
  exitCode?: number
}

/**
 * A container that is to run commands. A value: each `with…` makes another one and leaves this one as it is.
 *
 * Nothing runs until something of it is asked for: `sync`, `stdout`, `stderr`, `exitCode`, `streamLogs`, `status`,
 * `subscribeLifecycle`, `stdin` or a wait. Then it runs once, whoever asks and however often: all get the same, also who
 * comes late. A value that was made from it is another one and runs by itself.
 *
 * With one command, that is the container's own process. With several, each runs on the files that the one before has
 * left, must succeed for the next one to run, and the last one's output and exit are the run's; the image needs a `cat`
 * then. The container is removed when it is done, and with its client if it still runs then. One of which {@link file} or
 * {@link directory} was asked before it began is kept for that when it has succeeded, until its client is closed, or other
 * runs' files were asked for since; it needs a `cat`, too.
 */
export class LazyContainer {
  readonly #session: Session
  readonly #plan: Plan
  #own: Execution | undefined
  #keepsFiles = false
  #unrun: LazyContainer | undefined

  private constructor(session: Session, plan: Plan) {
    this.#session = session
    this.#plan = plan
  }

  /** @internal */
  static begin(session: Session): LazyContainer {
    return new LazyContainer(session, EMPTY_PLAN)
  }

  /** Of which image: a reference (`alpine:latest`, `localhost:5000/app:1`) or id. One that is not there is fetched. */
  from(image: string): LazyContainer {
    if (image.trim() === "") throw invalid("image", image, "a reference such as alpine:latest")
    return this.#with({ image })
  }

  /** Runs a command, without the image's entrypoint unless it is asked for. */
  withExec(args: readonly string[], options: ExecOptions = {}): LazyContainer {
    if (args.length === 0) throw invalid("withExec", "[]", "a command and its arguments")
    const { settings, files } = this.#plan
    return this.#with({ steps: [...this.#plan.steps, { ...settings, ...options, command: [...args], files }], files: [] })
  }

  /** Sets an environment variable of the commands that are added from here on. */
  withEnvVariable(name: string, value: string): LazyContainer {
    return this.#with({ settings: { ...this.#plan.settings, env: { ...this.#plan.settings.env, [name]: value } } })
  }

  /** Sets where the commands run that are added from here on: an absolute path. */
  withWorkdir(path: string): LazyContainer {
    return this.#with({ settings: { ...this.#plan.settings, workdir: path } })
  }

  /** Sets who runs the commands that are added from here on: `user[:group]`, names or numbers. */
  withUser(user: string): LazyContainer {
    return this.#with({ settings: { ...this.#plan.settings, user } })
  }

  /** Limits what the container may use, all its commands together. What was set before and is not here stays. */
  withLimits(limits: Limits): LazyContainer {
    return this.#with({ limits: { ...this.#plan.limits, ...limits } })
  }

  /** Has a file for the commands that are added from here on: text as UTF-8, or bytes, which are copied. */
  withNewFile(path: string, contents: string | Uint8Array, options: NewFileOptions = {}): LazyContainer {
    const bytes = encoded(contents).slice()
    return this.#withFiles((container, call) => container.writeFile(path, bytes, { ...options, ...call }))
  }

  /** Has a copy of a file of this machine, as it is when it is needed. UNSUPPORTED in browsers. */
  withFile(path: string, source: string): LazyContainer {
    return this.#withFiles((container, call) => container.copyTo(source, path, call))
  }

  /** Has a copy of what is in a directory of this machine, as it is when it is needed. UNSUPPORTED in browsers. */
  withDirectory(path: string, source: string): LazyContainer {
    return this.#withFiles((container, call) => container.copyTo(`${source}/.`, path, call))
  }

  /** Mounts a directory of the server's host. */
  withMountedDirectory(path: string, source: string, options: { readOnly?: boolean } = {}): LazyContainer {
    const mount = { type: "bind" as const, source, target: path, readOnly: options.readOnly ?? false }
    return this.#with({ mounts: [...this.#plan.mounts, mount] })
  }

  /** Says how it is connected. */
  withNetwork(network: NetworkMode): LazyContainer {
    return this.#with({ network })
  }

  /** Publishes a port while it runs. */
  withExposedPort(port: number | Port): LazyContainer {
    return this.#with({ ports: [...this.#plan.ports, typeof port === "number" ? { port } : port] })
  }

  /** Adds a label. */
  withLabel(name: string, value: string): LazyContainer {
    return this.#with({ labels: { ...this.#plan.labels, [name]: value } })
  }

  /** Says what tells whether it is healthy. */
  withHealthCheck(healthCheck: HealthCheck): LazyContainer {
    return this.#with({ healthCheck })
  }

  /** How long it may run; it then ends with reason `timed_out`. */
  withTimeout(timeoutMillis: number): LazyContainer {
    return this.#with({ timeoutMillis })
  }

  /** Lets {@link stdin} write to the last command. */
  withStdin(): LazyContainer {
    return this.#with({ hasStdin: true })
  }

  /** Runs it to its end. `CommandFailedError`, with the last of its output, unless it succeeds. */
  sync(options: CallOptions = {}): Promise<this> {
    return this.#waiting(options, async signal => {
      const process = await this.#execution().process()
      await this.#require(process, await this.#exitOf(process, signal))
      return this
    })
  }

  /** All its stdout, as UTF-8. `CommandFailedError` unless it succeeds; RESOURCE_EXHAUSTED beyond 64 MiB. */
  stdout(options: CallOptions = {}): Promise<string> {
    return this.#collect("stdout", options)
  }

  /** All its stderr, as UTF-8. `CommandFailedError` unless it succeeds; RESOURCE_EXHAUSTED beyond 64 MiB. */
  stderr(options: CallOptions = {}): Promise<string> {
    return this.#collect("stderr", options)
  }

  /** Its exit code, when it has ended, whatever it is: 128 + n for signal n; -1 if it is not known. */
  exitCode(options: CallOptions = {}): Promise<number> {
    return this.#waiting(options, async signal => {
      const process = await this.#execution().process()
      return (await this.#exitOf(process, signal)).exitCode
    })
  }

  /**
   * What it writes, from the first byte on whenever one asks, as it comes; its exit code last. A broken connection is made
   * again and nobody notices. It only ends behind the exit code: whatever else happens is a `TailraceError`, and bytes that
   * are missing, or not those that were recorded, are one too (INCOMPLETE, CORRUPT).
   */
  async *streamLogs(options: CallOptions = {}): AsyncGenerator<StreamLogsChunk, void, void> {
    const waiting = new Waiting(options)
    let incomplete: TailraceError | undefined
    try {
      const execution = this.#execution()
      const process = await waiting.for(execution.process())
      for await (const record of process.follow({ kinds: ["output"], signal: waiting.signal })) {
        if (record.kind === "output") yield record.stream === "stdout" ? { stdout: record.data } : { stderr: record.data }
        else if (record.kind === "gap") incomplete ??= missingAt(record, ["stdout", "stderr"])
        else if (record.kind === "exit") {
          execution.exited(record.exit)
          yield { exitCode: record.exit.exitCode }
        }
      }
    } finally {
      waiting.release()
    }
    if (incomplete !== undefined) throw incomplete
  }

  /** Where it stands now. Does not wait for its command, only for its start; while an image is fetched not for that. */
  status(options: StatusOptions = {}): Promise<ContainerStatus> {
    return this.#waiting(options, signal => statusOf(this.#execution(), { ...options, signal }))
  }

  /** What happens to it, from its beginning on whenever one asks, up to its exit. */
  async *subscribeLifecycle(options: CallOptions = {}): AsyncGenerator<LifecycleEvent, void, void> {
    const waiting = new Waiting(options)
    try {
      await waiting.for(this.#execution().container())
      yield* lifecycleOf(this.#execution(), waiting.signal)
    } finally {
      waiting.release()
    }
  }

  /** Freezes its processes. FAILED_PRECONDITION if it was not begun. */
  pause(options: CallOptions = {}): Promise<void> {
    return this.#waiting(options, async signal => {
      await (await this.#begun().container()).pause({ signal })
    })
  }

  /** Thaws them. FAILED_PRECONDITION if it was not begun. */
  resume(options: CallOptions = {}): Promise<void> {
    return this.#waiting(options, async signal => {
      await (await this.#begun().container()).resume({ signal })
    })
  }

  /** Sends the command that runs a signal: a name with or without SIG in any case, or a number. */
  signal(signal: string, options: CallOptions = {}): Promise<void> {
    return this.#waiting(options, async aborting => {
      const execution = this.#begun()
      await execution.container()
      const process = execution.current ?? (await execution.process())
      await process.kill(signal, { signal: aborting })
    })
  }

  /** The stdin of the last command, which `withStdin` has opened. Begins the run. */
  stdin(options: CallOptions = {}): Promise<Stdin> {
    return this.#waiting(options, async () => {
      if (!this.#plan.hasStdin) throw new TailraceError("FAILED_PRECONDITION", "stdin: closed (expected: withStdin())")
      return (await this.#execution().process()).stdin()
    })
  }

  /**
   * Runs one more command behind the others, by default a shell, in the terminal that this program runs in: what is typed goes to
   * it, and what it writes is shown. A run of its own, as of a value that was made from this one. FAILED_PRECONDITION where
   * there is no terminal; UNSUPPORTED in browsers.
   *
   * @returns the command's exit code: 128 + n for signal n; -1 if it is not known
   */
  terminal(command: readonly string[] = SHELL, options: Pick<CallOptions, "signal"> = {}): Promise<number> {
    return this.#waiting(options, async signal => {
      const local = this.#session.connection.localTerminal
      const { settings, files } = this.#plan
      const last: Step = { ...settings, command: [...command], expect: "any", files, terminal: local.size() }
      const shown = this.#with({ steps: [...this.#plan.steps, last], files: [], hasStdin: true })
      const execution = shown.#execution()
      const exit = await local.attach(await execution.process(), signal)
      execution.exited(exit)
      return exit.exitCode
    })
  }

  /** Waits for a line of its output that matches a pattern (RE2 syntax). Begins the run. */
  waitForLine(pattern: string, options: LineOptions = {}): Promise<MatchedLine> {
    return this.#waiting(options, async signal => {
      const process = await this.#execution().process()
      return process.waitForLine(pattern, { ...options, signal })
    })
  }

  /** Waits until its health check says that it is healthy. DEADLINE_EXCEEDED when the time is up. Begins the run. */
  waitUntilHealthy(options: CallOptions = {}): Promise<void> {
    return this.#waiting(options, async signal => {
      await (await this.#execution().container()).waitUntil("healthy", { signal })
    })
  }

  /**
   * A file that it has when it has succeeded; without a command, one that its image has, for which nothing of that is run. To be
   * said before the run begins: else reading is FAILED_PRECONDITION.
   */
  file(path: string): LazyFile {
    return new LazyFile(this.#filesOfRun(), path)
  }

  /** A directory that it has when it has succeeded; as {@link file}. */
  directory(path: string): LazyDirectory {
    return new LazyDirectory(this.#filesOfRun(), path)
  }

  /** The id of its container: 64 hex digits. Begins the run. */
  id(options: CallOptions = {}): Promise<string> {
    return this.#waiting(options, async () => (await this.#execution().container()).id)
  }

  #with(change: Partial<Plan>): LazyContainer {
    return new LazyContainer(this.#session, { ...this.#plan, ...change })
  }

  #withFiles(write: FileWrite): LazyContainer {
    return this.#with({ files: [...this.#plan.files, write] })
  }

  /** Its run, which is not begun by this. */
  #execution(): Execution {
    if (this.#plan.image === "") throw invalid("container", "of no image", "from() with an image's reference")
    this.#own ??=
      this.#plan.steps.length > 1 || this.#keepsFiles
        ? new ChainExecution(this.#session, this.#plan, this.#keepsFiles)
        : new SingleExecution(this.#session, this.#plan)
    return this.#own
  }

  /** Of a container without a command another one's, whose command does nothing: the image's may never end. */
  #filesOfRun(): FilesOfRun {
    const { steps, settings, files } = this.#plan
    if (steps.length === 0) {
      this.#unrun ??= this.#with({ steps: [{ ...settings, command: NOTHING, files }], files: [] })
      return this.#unrun.#filesOfRun()
    }
    if (this.#own?.isBegun !== true) this.#keepsFiles = true
    return {
      readOnce: (options, work) => this.#waiting(options, signal => this.#reading(signal, work)),
      readStream: (options, open) => this.#readStream(options, open),
    }
  }

  async #reading<T>(
    signal: AbortSignal,
    work: (container: Container, call: CallOptions) => Promise<T>,
  ): Promise<T> {
    const { container, release } = await this.#hold(signal)
    try {
      return await work(container, { signal })
    } finally {
      release()
    }
  }

  async *#readStream(
    options: CallOptions,
    open: (container: Container, call: CallOptions) => AsyncIterable<Bytes>,
  ): AsyncGenerator<Bytes, void, void> {
    const waiting = new Waiting(options)
    const held = this.#hold(waiting.signal)
    try {
      const { container } = await waiting.for(held)
      yield* open(container, { signal: waiting.signal })
    } finally {
      waiting.release()
      // Also if that comes when its reader has left.
      held.then(({ release }) => {
        release()
      }).catch(() => undefined)
    }
  }

  /** Its container when its command has succeeded, which stays until it is released. */
  async #hold(signal: AbortSignal): Promise<{ container: Container; release: () => void }> {
    const execution = this.#execution()
    const { files } = execution
    if (files === undefined) {
      throw new TailraceError(
        "FAILED_PRECONDITION",
        "files: not kept by a run that was begun without (expected: file() or directory() before the first question)",
      )
    }
    const process = await execution.process()
    await this.#require(process, await this.#exitOf(process, signal))
    return { container: await execution.container(), release: files.hold() }
  }

  #begun(): Execution {
    if (this.#own === undefined || !this.#own.isBegun) {
      throw new TailraceError("FAILED_PRECONDITION", "container: not begun (expected: one of which something was asked)")
    }
    return this.#own
  }

  /**
   * An answer that may be awaited late. A run is shared, and a program may still be busy with another question when it fails:
   * Node would end it for a rejection that nobody handles yet. Who awaits the answer is told; who never does, the log.
   */
  #waiting<T>(options: CallOptions, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const waiting = new Waiting(options)
    const answer = waiting.for(asked(work, waiting.signal)).finally(() => {
      waiting.release()
    })
    answer.catch((error: unknown) => {
      // That one was already told, as the end of the command.
      if (!(error instanceof CommandFailedError)) this.#session.say(String(error))
    })
    return answer
  }

  async #exitOf(process: ContainerProcess, signal: AbortSignal): Promise<ExitStatus> {
    const execution = this.#execution()
    const exit = execution.exit ?? (await process.waitFor({ signal }))
    execution.exited(exit)
    return exit
  }

  async #require(process: ContainerProcess, exit: ExitStatus): Promise<void> {
    if (isSuccess(exit) || this.#plan.steps.at(-1)?.expect === "any") return
    const stdout = await tailOf(process, "stdout", exit)
    throw new CommandFailedError(this.#execution().command, exit, stdout, await tailOf(process, "stderr", exit))
  }

  #collect(stream: StandardStream, options: CallOptions): Promise<string> {
    return this.#waiting(options, async signal => {
      const execution = this.#execution()
      const process = await execution.process()
      const parts: Uint8Array[] = []
      let length = 0
      let exit: ExitStatus | undefined
      for await (const record of process.follow({ kinds: ["output"], streams: [stream], signal })) {
        if (record.kind === "exit") exit = record.exit
        const missing = record.kind === "gap" ? missingAt(record, [stream]) : undefined
        if (missing !== undefined) throw missing
        if (record.kind !== "output") continue
        length += record.data.length
        if (length > COLLECTED_BYTES_MAX) {
          throw new TailraceError(
            "RESOURCE_EXHAUSTED",
            `${stream}: more than ${COLLECTED_BYTES_MAX} bytes (expected: less; streamLogs() has no limit)`,
          )
        }
        parts.push(record.data)
      }
      if (exit === undefined) throw new TailraceError("INCOMPLETE", `${stream} ended without the exit`)
      execution.exited(exit)
      await this.#require(process, exit)
      return new TextDecoder("utf-8", { ignoreBOM: true }).decode(concat(parts))
    })
  }
}

/** What is thrown at once is the answer as well. */
async function asked<T>(work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
  return work(signal)
}
