// The package as it would be published, installed into an empty project; and the examples, each by its npm script.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { address, token } from "./support.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const long = { timeout: 150_000 }
const directory = mkdtempSync(join(tmpdir(), "tailrace-project-"))
const project = join(directory, "empty")
const examples = join(directory, "examples")
let archive = ""

function run(where: string, command: string, ...args: string[]): string {
  const env = { ...process.env, TAILRACE_HOST: address, TAILRACE_TOKEN: token }
  const result = spawnSync(command, args, { cwd: where, env, encoding: "utf8", timeout: 120_000 })
  assert.equal(result.status, 0, `${command} ${args.join(" ")}: ${result.stderr}${result.stdout}`)
  return result.stdout
}

function install(where: string, ...packages: string[]): void {
  run(where, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", ...packages)
}

before(() => {
  mkdirSync(project)
  const packed = JSON.parse(run(root, "npm", "pack", "--json", "--pack-destination", directory)) as { filename: string }[]
  archive = join(directory, packed[0]?.filename ?? "")
}, long)

after(() => {
  rmSync(directory, { recursive: true, force: true })
})

test("the package runs where it is installed, as a module and as CommonJS", long, () => {
  writeFileSync(join(project, "package.json"), '{"name":"empty","version":"1.0.0","private":true}')
  install(project, archive)
  const work = `connect(async client => {
    process.stdout.write(await client.container().from("alpine:latest").withNetwork("none").withExec(["echo", "hello"]).stdout())
  })`
  writeFileSync(join(project, "module.mjs"), `import { connect } from "@tailrace/sdk"; await ${work}`)
  writeFileSync(join(project, "common.cjs"), `const { connect } = require("@tailrace/sdk"); ${work}`)
  assert.equal(run(project, process.execPath, "module.mjs"), "hello\n")
  assert.equal(run(project, process.execPath, "common.cjs"), "hello\n")
})

/** What each example writes. */
const EXPECTED: Record<string, RegExp> = {
  "stream-logs": /^Starting\.\.\.\nDone!\nexit code 0\n$/,
  "export-files": /^3 numbers\n1\n2\n3\n$/,
  "container-grpc-demo": /^(?=[^]*\[started\])(?=[^]*\npaused\n)(?=[^]*line 5\n[^]*waiting\n)[^]*exit code 143/,
}

test("the examples install, with the package as it would be published", long, () => {
  cpSync(join(root, "examples"), examples, { recursive: true, filter: path => !/node_modules|target/.test(path.slice(root.length)) })
  const file = join(examples, "package.json")
  writeFileSync(file, readFileSync(file, "utf8").replace('"file:.."', JSON.stringify(`file:${archive}`)))
  install(examples)
})

for (const file of readdirSync(join(root, "examples")).filter(name => name.endsWith(".ts"))) {
  const example = file.slice(0, -".ts".length)
  test(`the example ${example} does what it shows, by its npm script`, long, () => {
    const expected = EXPECTED[example]
    assert.ok(expected !== undefined, "an example that nobody said of what it must do")
    assert.match(run(examples, "npm", "run", "--silent", example), expected)
  })
}
