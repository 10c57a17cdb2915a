// One scenario of acceptance/scenarios, driven through this SDK: in Node and, bundled, in a browser.
import { TailraceError, type Tailrace } from "@tailrace/sdk"

export interface Scenario {
  readonly title: string
  readonly image?: string
  /** For sh; else the command. */
  readonly script?: string
  readonly command?: readonly string[]
  /** Whether it is read only when it has ended. */
  readonly isLate?: boolean
  /** Is read once a line says `ready`; then the container is killed. */
  readonly readFile?: string
  /** The connection is cut once so many bytes of answers have come. */
  readonly cutAfterBytes?: number
  readonly expect: Partial<Result>
}

export interface Result {
  stdout: string
  stdoutLength: number
  stderr: string
  file: string
  exitCode: number
  error: string
}

/** What a scenario comes to. */
export async function play(tailrace: Tailrace, scenario: Scenario, usualImage: string): Promise<Partial<Result>> {
  try {
    const container = await tailrace.containers.run({
      image: scenario.image ?? usualImage,
      entrypoint: [],
      command: scenario.command ?? ["sh", "-c", scenario.script ?? ""],
      network: "none",
      autoRemove: true,
    })
    if (scenario.isLate === true) await container.waitFor()
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() }
    const result = { stdout: "", stdoutLength: 0, stderr: "", file: "", exitCode: -1 }
    if (scenario.readFile !== undefined) {
      await container.waitForLine("^ready$")
      result.file = (await container.readFile(scenario.readFile)).toString()
      await container.kill("KILL")
    }
    for await (const record of container.follow()) {
      if (record.kind === "exit") result.exitCode = record.exit.exitCode
      if (record.kind !== "output") continue
      result[record.stream] += decoders[record.stream].decode(record.data, { stream: true })
      if (record.stream === "stdout") result.stdoutLength += record.data.length
    }
    return result
  } catch (error) {
    if (error instanceof TailraceError) return { error: error.code }
    throw error
  }
}

/** The part of a result that something is expected of. */
export function expectedPart(result: Partial<Result>, expect: Partial<Result>): Partial<Result> {
  const part: Record<string, unknown> = {}
  for (const name of Object.keys(expect)) part[name] = result[name as keyof Result]
  return part as Partial<Result>
}
