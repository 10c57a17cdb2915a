import { spawn, type ChildProcessByStdio } from "node:child_process"
import { accessSync, constants } from "node:fs"
import { delimiter, join } from "node:path"
import type { Readable, Writable } from "node:stream"
import { parseEndpoint, type Endpoint } from "./endpoint.js"
import { TailraceError } from "./errors.js"
import { abortedBy } from "./failures.js"
import type { LogOutput } from "./tailrace.js"

/** The first start of a server may have to build it. */
const START_MILLIS_MAX = 180_000
/** It ends streams and waits for what it was asked; then it is told to, then killed. */
const STOP_MILLIS_MAX = 30_000
const SAID_CHARACTERS_MAX = 4_000
const ADDRESS = /^(unix:\/\/\/.*)\n/m

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/**
 * A server that this process has started, by the `tailrace` on the PATH. It ends when it is stopped and with this process,
 * however that ends: it runs for as long as its stdin, a pipe from here, is open.
 */
export class LocalServer {
  readonly #child: Child
  readonly #ended: Promise<void>
  #said = ""
  #endpoint: Endpoint | undefined

  private constructor(child: Child, log: LogOutput | undefined) {
    this.#child = child
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.#said = (this.#said + text).slice(-SAID_CHARACTERS_MAX)
      log?.write(text)
    })
    // It may have ended before.
    child.stdin.on("error", () => undefined)
    this.#ended = new Promise(resolve => {
      child.once("close", resolve).once("error", error => {
        this.#said += error.message
        resolve()
      })
    })
  }

  /**
   * Starts one and waits until it serves.
   *
   * @param program path of the tailrace command
   */
  static async start(
    program: string,
    log: LogOutput | undefined,
    signal: AbortSignal | undefined,
  ): Promise<LocalServer> {
    log?.write(`tailrace: no server is running; starting ${program}\n`)
    const child = spawn(program, ["server", "--until-stdin-ends"], {
      stdio: ["pipe", "pipe", "pipe"],
      // Its own group: a ctrl-c at the terminal reaches it as the end of this process, and of what this process still does.
      detached: true,
    })
    const server = new LocalServer(child, log)
    try {
      server.#endpoint = parseEndpoint(await server.#address(program, signal))
      // Who forgets to close the client is not kept running by it.
      server.#hold(false)
      return server
    } catch (error) {
      await server.stop()
      throw error
    }
  }

  /** Where it serves, without a token. */
  get endpoint(): Endpoint {
    if (this.#endpoint === undefined) throw new TailraceError("INTERNAL", "the server does not serve yet")
    return this.#endpoint
  }

  /** Ends it, and waits until it is gone. */
  async stop(): Promise<void> {
    this.#hold(true)
    this.#child.stdin.end()
    const timers = (["SIGTERM", "SIGKILL"] as const).map((name, index) =>
      setTimeout(() => {
        this.#child.kill(name)
      }, STOP_MILLIS_MAX * (index + 1)),
    )
    await this.#ended
    for (const timer of timers) clearTimeout(timer)
  }

  /** Whether this process is kept running by it. */
  #hold(isHeld: boolean): void {
    // The pipes are sockets, which Node's types do not say.
    const handles = [this.#child, ...this.#child.stdio] as unknown as { ref(): void; unref(): void }[]
    for (const handle of handles.filter(each => typeof each.unref === "function")) {
      if (isHeld) handle.ref()
      else handle.unref()
    }
  }

  /** What it writes to stdout, once it serves. UNAVAILABLE if it ends before, or does not serve in time. */
  async #address(program: string, signal: AbortSignal | undefined): Promise<string> {
    const failure = (why: string) => {
      const said = this.#said.trim()
      return new TailraceError("UNAVAILABLE", `${program} server: ${why}${said === "" ? "" : `: ${said}`}`)
    }
    const written = new Promise<string>(resolve => {
      let out = ""
      this.#child.stdout.setEncoding("utf8").on("data", (text: string) => {
        out = (out + text).slice(-SAID_CHARACTERS_MAX)
        const address = ADDRESS.exec(out)?.[1]
        if (address !== undefined) resolve(address)
      })
    })
    const ended = this.#ended.then(() => {
      throw failure("has ended")
    })
    const release: (() => void)[] = []
    const givenUp = new Promise<never>((_, reject) => {
      const timer = setTimeout(() => {
        reject(failure(`not ready after ${START_MILLIS_MAX} ms`))
      }, START_MILLIS_MAX)
      const abort = () => {
        if (signal !== undefined) reject(abortedBy(signal))
      }
      signal?.addEventListener("abort", abort)
      if (signal?.aborted === true) abort()
      release.push(() => {
        clearTimeout(timer)
        signal?.removeEventListener("abort", abort)
      })
    })
    try {
      return await Promise.race([written, ended, givenUp])
    } finally {
      release.forEach(each => {
        each()
      })
    }
  }
}

/** The program of a name on the PATH; undefined if there is none. */
export function findProgram(name: string): string | undefined {
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
