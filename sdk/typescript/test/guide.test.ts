// The guide that programs were written after: each of its code blocks is taken from the document and run in a process of its
// own, unmodified but for the name that is imported. Blocks that are pieces of a program get what they name, around them.
// GUIDE names the document; by default the one beside the repository, else the code blocks that are kept here.
import assert from "node:assert/strict"
import { spawn } from "node:child_process"
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { after, test } from "node:test"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { address, bounded, token } from "./support.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const directory = join(root, "target/guide")

/** How many blocks run at once. */
const LANES = 4

interface Block {
  readonly title: string
  readonly code: string
}

interface Outcome {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

function document(): string {
  const beside = join(root, "../../../shared/seeds")
  const name = existsSync(beside) ? readdirSync(beside).find(file => file.startsWith("000_")) : undefined
  const kept = join(root, "test/fixtures/container-exec-guide.md")
  return process.env["GUIDE"] ?? (name === undefined ? kept : join(beside, name))
}

function blocks(): Block[] {
  const found: Block[] = []
  const text = readFileSync(document(), "utf8")
  for (const part of text.matchAll(/^#+ (.*)$|^```typescript\n([\s\S]*?)^```$/gm)) {
    if (part[1] !== undefined) title = part[1]
    else if (part[2] !== undefined) found.push({ title, code: part[2] })
  }
  return found
}

let title = ""

/** What stands around a block that is a piece of a program. */
const SURROUNDINGS: Record<string, string> = {
  "Stream Not Receiving Data": 'const container = client.container().from("alpine:latest")',
  "Exit Code Not Received": "",
  "Memory Usage": `
    let count = 0
    const processChunk = (chunk: object) => console.log("chunk", ++count, Object.keys(chunk).join())
    const container = client.container().from("alpine:latest").withExec(["echo", "memory"])`,
  "gRPC Errors": `
    const container = client.container().from("alpine:latest").withExec(["echo", "fine"])`,
}

/** A program of a block: its import replaced, or given; or the block within a program. */
function programOf(block: Block): string {
  const code = block.code.replaceAll('"@dagger.io/dagger"', '"@tailrace/sdk"')
  if (code.includes("import {")) return code
  const header = 'import { connect } from "@tailrace/sdk"\n'
  const around = SURROUNDINGS[block.title]
  if (around === undefined) return header + code
  return `${header}await connect(async (client) => {${around}
    try {\n${code}\n} catch (e) { console.log("rejected:", e.code, e.exitCode) }
  })\n`
}

function isTypes(block: Block): boolean {
  return /^(interface|async) /m.test(block.code)
}

/** What each block must do. */
const EXPECTED: Record<string, (outcome: Outcome) => void> = {
  "Basic Example: Stream Logs": ({ stdout }) => {
    assert.equal(stdout, "Starting...\nDone!\nExit code: 0\n")
  },
  "Query Container Status": ({ stdout }) => {
    assert.match(stdout, /^Status: running\nContainer ID: [0-9a-f]{64}\nCPU: \d+\.\d\d%\nMemory: \d+\.\d\d MB\n$/)
  },
  "Subscribe to Lifecycle Events": ({ stdout }) => {
    const types = [...stdout.matchAll(/^\[(\w+)\]/gm)].map(match => match[1])
    assert.deepEqual(types, ["registered", "started", "exited"])
    assert.match(stdout, /Status: exited\nExit code: 0\n$/)
  },
  "Pause and Resume Containers": ({ stdout }) => {
    assert.equal(stdout, "Container paused\nContainer resumed\n")
  },
  "Send Signals": ({ stdout }) => {
    assert.match(stdout, /^Container terminated: sleep 60: exit code 143/)
  },
  "Multiple Clients": ({ stdout }) => {
    for (const client of [1, 2]) {
      assert.ok(stdout.includes(`Client ${client} starting...`))
      const lines = [...stdout.matchAll(new RegExp(`^\\[Client ${client}\\] ((?:\\d\\n?)+)`, "gm"))]
      assert.deepEqual(lines.flatMap(line => (line[1] ?? "").trim().split("\n")), ["1", "2", "3", "4", "5"])
    }
  },
  "Combining Streams and Status": ({ stdout }) => {
    assert.match(stdout, /\[Status\] CPU: \d+\.\d\d%, Memory: \d+\.\d\d MB/)
    const numbers = stdout.replaceAll(/\n\[Status\].*\n/g, "").trim().split("\n")
    assert.deepEqual(numbers, Array.from({ length: 100 }, (_, index) => String(index + 1)))
  },
  "Connection Issues": ({ stdout }) => {
    assert.equal(stdout, "")
  },
  "Stream Not Receiving Data": ({ stdout }) => {
    assert.equal(stdout, "")
  },
  "Exit Code Not Received": ({ stdout }) => {
    assert.equal(stdout, "rejected: COMMAND_FAILED 143\n")
  },
  "Memory Usage": ({ stdout }) => {
    assert.equal(stdout, "chunk 1 stdout\nchunk 2 exitCode\n")
  },
  "gRPC Errors": ({ stdout, stderr }) => {
    assert.equal(stdout + stderr, "")
  },
}

const all = blocks()
const table: string[] = []
const programs = all.filter(block => !isTypes(block))
const outcomes = new Map<Block, Promise<Outcome>>()

rmSync(directory, { recursive: true, force: true })
mkdirSync(directory, { recursive: true })
// Some at once: most of their time they wait.
const lanes = Array.from({ length: LANES }, () => Promise.resolve())
for (const [index, block] of programs.entries()) {
  const source = programOf(block)
  writeFileSync(join(directory, `block-${index + 1}.ts`), source)
  const lane = index % LANES
  // What it writes of a container whose image is on its way is not what the guide shows: the first block has it fetched.
  const needed = block.title === "Query Container Status" ? [...outcomes.values()][0] : undefined
  const outcome = Promise.all([lanes[lane], needed]).then(() => run(`block-${index + 1}`, source))
  lanes[lane] = outcome.then(() => undefined)
  outcomes.set(block, outcome)
}

function run(name: string, source: string, environment: NodeJS.ProcessEnv = {}): Promise<Outcome> {
  const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
  const file = join(directory, `${name}.mjs`)
  writeFileSync(file, ts.transpileModule(source, { compilerOptions: options }).outputText)
  const child = spawn(process.execPath, [file], {
    env: { ...process.env, TAILRACE_HOST: address, TAILRACE_TOKEN: token, ...environment },
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

function record(block: string, result: string): void {
  table.push(`${block.padEnd(34)} ${result}`)
}

// First, while the blocks wait.
test("the guide's blocks and its types fit those of the SDK", { timeout: 180_000 }, () => {
  const types = all.filter(isTypes)
  const declared = types.map(block => block.code.replaceAll(/^interface/gm, "export interface")).join("\n")
  const methods = [...declared.matchAll(/^async (?:\*)?(\w+)(\(.*)$/gm)].map(match => `  ${match[1]}${match[2]}`)
  const interfaces = declared.replaceAll(/^async .*$/gm, "")
  const names = [...interfaces.matchAll(/export interface (\w+)/g)].map(match => match[1] as string)
  assert.deepEqual(names, ["StreamLogsChunk", "StatusOptions", "ContainerStatus", "LifecycleEvent"])
  assert.equal(methods.length, 6)
  const checks = [
    'import type * as sdk from "@tailrace/sdk"',
    `export namespace Guide {\n${interfaces}\nexport interface Container {\n${methods.join("\n")}\n} }`,
    // What comes from the SDK is what the guide says, and what the guide passes is what the SDK takes.
    ...["StreamLogsChunk", "ContainerStatus", "LifecycleEvent"].map(
      name => `export const of${name} = (value: sdk.${name}): Guide.${name} => value`,
    ),
    "export const toStatusOptions = (value: Guide.StatusOptions): sdk.StatusOptions => value",
    "export const ofContainer = (value: sdk.LazyContainer): Guide.Container => value",
  ]
  writeFileSync(join(directory, "types.ts"), checks.join("\n"))
  const files = [...programs.keys()].map(index => join(directory, `block-${index + 1}.ts`))
  const program = ts.createProgram([join(directory, "types.ts"), ...files], {
    strict: true,
    skipDefaultLibCheck: true,
    // The guide reads a caught error's fields as they are.
    useUnknownInCatchVariables: false,
    noEmit: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    moduleDetection: ts.ModuleDetectionKind.Force,
    types: ["node"],
    // Else they are looked for where the tests were started.
    typeRoots: [join(root, "node_modules/@types")],
    lib: ["lib.es2023.d.ts", "lib.esnext.disposable.d.ts", "lib.dom.d.ts", "lib.dom.asynciterable.d.ts"],
  })
  const problems = ts.getPreEmitDiagnostics(program).map(problem => {
    const text = ts.flattenDiagnosticMessageText(problem.messageText, "\n")
    return `${problem.file?.fileName ?? ""}:${problem.start ?? 0}: ${text}`
  })
  assert.deepEqual(problems, [])
  for (const block of types) record(block.title, "the SDK's types fit it")
})

for (const block of programs) {
  test(`the guide's block "${block.title}" runs`, { timeout: 110_000 }, async () => {
    const outcome = await (outcomes.get(block) as Promise<Outcome>)
    try {
      assert.equal(outcome.exitCode, 0, outcome.stderr)
      const expected = EXPECTED[block.title]
      assert.ok(expected !== undefined, "a block that nobody said of what it must do")
      expected(outcome)
      record(block.title, `runs: ${JSON.stringify(outcome.stdout.slice(0, 70))}`)
    } catch (error) {
      record(block.title, "FAILS")
      throw error
    }
  })
}

test("the guide's block \"gRPC Errors\" is told UNAVAILABLE by its name", bounded, async () => {
  const block = programs.find(each => each.title === "gRPC Errors") as Block
  const outcome = await run("unavailable", programOf(block), { TAILRACE_HOST: "http://127.0.0.1:1" })
  assert.equal(outcome.stderr, "Engine unavailable - is it running?\n")
  record("gRPC Errors, without a server", `runs: ${JSON.stringify(outcome.stderr)}`)
})

after(() => {
  console.log(`The guide's code blocks (${document()})\n${table.join("\n")}`)
})
