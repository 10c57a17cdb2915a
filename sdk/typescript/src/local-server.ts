import { spawn, type ChildProcess } from "node:child_process"
import { mkdtemp, rm } from "node:fs/promises"
import { accessSync, constants } from "node:fs"
import { tmpdir } from "node:os"
import { delimiter, join } from "node:path"
import { sleep } from "./backoff.js"
import { isServerAt, parseEndpoint, type Endpoint } from "./endpoint.js"
import { TailraceError } from "./errors.js"
import { abortedBy } from "./failures.js"
import type { LogOutput } from "./tailrace.js"

/** The first start of a server may have to build it. */
const START_MILLIS_MAX = 180_000
const STOP_MILLIS_MAX = 30_000
const POLL_MILLIS = 100
const SAID_CHARACTERS_MAX = 4_000

/** A server that this process has started, by the `tailrace` on the PATH, and ends. */
export class LocalServer {
  readonly endpoint: Endpoint
  readonly #process: ChildProcess
  readonly #directory: string
  readonly #ended: Promise<void>
  #said = ""

  private constructor(process: ChildProcess, directory: string, log: LogOutput | undefined) {
    this.#process = process
    this.#directory = directory
    this.endpoint = parseEndpoint(`unix://${join(directory, "tailrace.sock")}`)
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        this.#said = (this.#said + text).slice(-SAID_CHARACTERS_MAX)
        log?.write(text)
      })
    }
    this.#ended = new Promise(resolve => {
      process.once("exit", () => {
        resolve()
      })
      process.once("error", () => {
        resolve()
      })
    })
  }

  /** Starts one and waits until it answers. Undefined if there is no `tailrace` on the PATH. */
  static async start(log: LogOutput | undefined, signal: AbortSignal | undefined): Promise<LocalServer | undefined> {
    const program = findProgram("tailrace")
    if (program === undefined) return undefined
    log?.write(`tailrace: no server is running; starting ${program}\n`)
    const directory = await mkdtemp(join(tmpdir(), "tailrace-"))
    const socket = join(directory, "tailrace.sock")
    const child = spawn(program, ["server", "--listen", "127.0.0.1:0", "--socket", socket], {
      stdio: ["ignore", "pipe", "pipe"],
      // Its own group: a ctrl-c at the terminal ends it by way of this process, once.
      detached: true,
    })
    const server = new LocalServer(child, directory, log)
    try {
      await server.#awaitReady(signal)
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** Ends it, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#isRunning) {
      this.#process.kill("SIGTERM")
      const timer = setTimeout(() => {
        this.#process.kill("SIGKILL")
      }, STOP_MILLIS_MAX)
      await this.#ended
      clearTimeout(timer)
    }
    await rm(this.#directory, { recursive: true, force: true })
  }

  get #isRunning(): boolean {
    return this.#process.pid !== undefined && this.#process.exitCode === null && this.#process.signalCode === null
  }

  async #awaitReady(signal: AbortSignal | undefined): Promise<void> {
    const until = performance.now() + START_MILLIS_MAX
    while (!(await isServerAt(this.endpoint))) {
      if (signal?.aborted === true) throw abortedBy(signal)
      if (!this.#isRunning) {
        throw new TailraceError("UNAVAILABLE", `the server that was started has ended: ${this.#said.trim()}`)
      }
      if (performance.now() > until) {
        throw new TailraceError(
          "UNAVAILABLE",
          `the server that was started does not answer after ${START_MILLIS_MAX} ms: ${this.#said.trim()}`,
        )
      }
      await sleep(POLL_MILLIS, signal)
    }
  }
}

function findProgram(name: string): string | undefined {
  const directories = (process.env["PATH"] ?? "").split(delimiter).filter(directory => directory !== "")
  return directories
    .map(directory => join(directory, name))
    .find(path => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
