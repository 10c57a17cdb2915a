// The package as it would be published, installed into an empty project; and the examples.
import assert from "node:assert/strict"
import { spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { test } from "node:test"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { address, token } from "./support.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const long = { timeout: 150_000 }

function run(directory: string, command: string, ...args: string[]): string {
  const env = { ...process.env, TAILRACE_HOST: address, TAILRACE_TOKEN: token }
  const result = spawnSync(command, args, { cwd: directory, env, encoding: "utf8", timeout: 120_000 })
  assert.equal(result.status, 0, `${command} ${args.join(" ")}: ${result.stderr}${result.stdout}`)
  return result.stdout
}

test("the package runs where it is installed, as a module and as CommonJS", long, () => {
  const project = mkdtempSync(join(tmpdir(), "tailrace-project-"))
  try {
    const packed = JSON.parse(run(root, "npm", "pack", "--json", "--pack-destination", project)) as { filename: string }[]
    const archive = join(project, packed[0]?.filename ?? "")
    writeFileSync(join(project, "package.json"), '{"name":"empty","version":"1.0.0","private":true}')
    run(project, "npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefer-offline", archive)
    const work = `connect(async client => {
      process.stdout.write(await client.container().from("alpine:latest").withNetwork("none").withExec(["echo", "hello"]).stdout())
    })`
    writeFileSync(join(project, "module.mjs"), `import { connect } from "@tailrace/sdk"; await ${work}`)
    writeFileSync(join(project, "common.cjs"), `const { connect } = require("@tailrace/sdk"); ${work}`)
    assert.equal(run(project, process.execPath, "module.mjs"), "hello\n")
    assert.equal(run(project, process.execPath, "common.cjs"), "hello\n")
  } finally {
    rmSync(project, { recursive: true, force: true })
  }
})

for (const [example, expected] of [
  ["stream-logs", /^Starting\.\.\.\nDone!\nexit code 0\n$/],
  ["container-grpc-demo", /\[started\][\s\S]*paused[\s\S]*line 5\nwaiting\n[\s\S]*exit code 143/],
] as const) {
  test(`the example ${example} does what it shows`, long, () => {
    const options = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 }
    const source = readFileSync(join(root, "examples", `${example}.ts`), "utf8")
    mkdirSync(join(root, "target/examples"), { recursive: true })
    const file = join(root, "target/examples", `${example}.mjs`)
    writeFileSync(file, ts.transpileModule(source, { compilerOptions: options }).outputText)
    assert.match(run(root, process.execPath, file), expected)
  })
}
