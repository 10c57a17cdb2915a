// The scenarios of acceptance/scenarios, through this SDK in Node and in a browser. What they came to is left in
// target/scenarios.json, to stand beside what the Java client makes of them.
import assert from "node:assert/strict"
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { after, before, test } from "node:test"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { chromium, type BrowserContext } from "playwright-core"
import { CuttingProxy } from "./cutting-proxy.js"
import { expectedPart, play, type Result, type Scenario } from "./scenario.js"
import { address, bounded, client, image, token } from "./support.js"

const root = fileURLToPath(new URL("../..", import.meta.url))
const directory = join(root, "../../acceptance/scenarios")
const target = address ?? "unix:///run/tailrace/tailrace.sock"
const outcomes: Record<string, Record<string, string>> = {}

const scenarios = readdirSync(directory)
  .sort()
  .map(file => ({
    name: file.replace(".json", ""),
    scenario: JSON.parse(readFileSync(join(directory, file), "utf8")) as Scenario,
  }))

function judge(name: string, where: string, result: Partial<Result>, expect: Partial<Result>): void {
  const row = (outcomes[name] ??= {})
  row[where] = "differs"
  assert.deepEqual(expectedPart(result, expect), expect)
  row[where] = "as expected"
}

/** The address by which a scenario reaches the server: what the scenario cuts, it cuts. */
function proxyOf(scenario: Scenario): Promise<CuttingProxy> {
  return CuttingProxy.start(target, scenario.cutAfterBytes ?? Infinity, scenario.cutAfterBytes === undefined ? 0 : 1)
}

for (const { name, scenario } of scenarios) {
  test(`scenario ${name} in Node: ${scenario.title}`, bounded, async () => {
    const proxy = await proxyOf(scenario)
    const tailrace = await client({ address: proxy.address })
    try {
      judge(name, "node", await play(tailrace, scenario, image), scenario.expect)
      assert.equal(proxy.cuts, scenario.cutAfterBytes === undefined ? 0 : 1)
    } finally {
      await tailrace.close()
      proxy.close()
    }
  })
}

let browser: BrowserContext
let code: string
let profile: string

before(async () => {
  const bundle = await build({
    stdin: {
      contents: `import { open } from "@tailrace/sdk"
        import { play } from "./target/test/scenario.js"
        globalThis.playScenario = async (scenario, image, options) => {
          const tailrace = await open(options)
          try { return await play(tailrace, scenario, image) } finally { await tailrace.close() }
        }`,
      resolveDir: root,
    },
    bundle: true,
    write: false,
    format: "iife",
    platform: "browser",
    target: "es2022",
  })
  code = bundle.outputFiles[0]?.text ?? ""
  profile = mkdtempSync(join(tmpdir(), "tailrace-browser-"))
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  })
}, { timeout: 90_000 })

for (const { name, scenario } of scenarios) {
  test(`scenario ${name} in a browser: ${scenario.title}`, bounded, async () => {
    const proxy = await proxyOf(scenario)
    const page = await browser.newPage()
    try {
      // A page of the server's own origin, as its console is; all but the page itself goes to the server.
      await page.route(`${proxy.address}/page`, route =>
        route.fulfill({ contentType: "text/html", body: "<!doctype html><title>Tailrace</title>" }),
      )
      await page.goto(`${proxy.address}/page`)
      await page.addScriptTag({ content: code })
      const options = token === undefined ? {} : { token }
      const result = await page.evaluate(
        ([scenario, image, options]) =>
          (globalThis as unknown as { playScenario: (...parts: unknown[]) => Promise<Partial<Result>> }).playScenario(
            scenario,
            image,
            options,
          ),
        [scenario, image, options] as const,
      )
      judge(name, "browser", result, scenario.expect)
      assert.equal(proxy.cuts, scenario.cutAfterBytes === undefined ? 0 : 1)
    } finally {
      await page.close()
      proxy.close()
    }
  })
}

after(async () => {
  await browser.close()
  rmSync(profile, { recursive: true, force: true })
  writeFileSync(join(root, "target/scenarios.json"), JSON.stringify(outcomes))
}, { timeout: 60_000 })
