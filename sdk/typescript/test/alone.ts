// Programs that are run alone: in a network of their own, as a user who has nothing but what they are given.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** The directory of the tailrace command; empty if none was named. */
export const commands = process.env["TAILRACE_BIN"] ?? ""
export const long = { timeout: 200_000, skip: commands === "" ? "TAILRACE_BIN names no directory" : false }

export interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** Of the machine of the programs of one test file. */
export class Alone {
  /** What they have of it. */
  readonly directory = mkdtempSync(join(tmpdir(), "tailrace-connect-"))
  readonly #scripts: string
  #count = 0

  /** @param name of the test file */
  constructor(name: string) {
    this.#scripts = join(root, "target/connect", name)
    mkdirSync(this.#scripts, { recursive: true })
  }

  /** Runs a program that has `open` and `connect`. */
  async run(program: string, environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
    const file = join(this.#scripts, `script-${++this.#count}.mjs`)
    // For others than root the local socket is in XDG_RUNTIME_DIR.
    writeFileSync(file, `import { connect, open } from "@tailrace/sdk"\nprocess.getuid = () => 65534\n${program}`)
    const alone = ["--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", process.execPath, file]
    const inherited = ["PATH", "HOME", "JAVA_HOME", "TAILRACE_DIST"].map(name => [name, process.env[name]] as const)
    const child = spawn("unshare", alone, {
      env: {
        ...Object.fromEntries(inherited),
        XDG_CONFIG_HOME: join(this.directory, "config"),
        XDG_RUNTIME_DIR: this.directory,
        ...environment,
      },
      stdio: ["ignore", "pipe", "pipe"],
    })
    const said = { stdout: "", stderr: "" }
    child.stdout.on("data", (text: Buffer) => (said.stdout += text.toString()))
    child.stderr.on("data", (text: Buffer) => (said.stderr += text.toString()))
    return new Promise(resolve => {
      child.on("close", exitCode => {
        resolve({ ...said, exitCode })
      })
    })
  }

  /** What a program writes that must succeed. */
  async output(program: string, environment?: NodeJS.ProcessEnv): Promise<string> {
    const outcome = await this.run(program, environment)
    assert.equal(outcome.exitCode, 0, JSON.stringify(outcome))
    return outcome.stdout
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true })
  }
}
