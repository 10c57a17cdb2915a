// Makes dist/: esm and cjs with their types, and browser/tailrace-sdk.js, one file for a page without a bundler.
import { spawnSync } from "node:child_process"
import { cpSync, rmSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"

const root = fileURLToPath(new URL("..", import.meta.url))

rmSync(join(root, "dist"), { recursive: true, force: true })
const compiled = spawnSync(join(root, "node_modules/.bin/tsc"), ["-p", root], { cwd: root, stdio: "inherit" })
if (compiled.status !== 0) process.exit(compiled.status ?? 1)
writeFileSync(join(root, "dist/esm/package.json"), '{"type":"module","sideEffects":false}\n')
await build({
  absWorkingDir: root,
  entryPoints: ["dist/esm/**/*.js"],
  outdir: "dist/cjs",
  format: "cjs",
  platform: "node",
  target: "node20",
})
cpSync(join(root, "dist/esm"), join(root, "dist/cjs"), {
  recursive: true,
  filter: source => !source.includes(".") || source.endsWith(".d.ts") || statSync(source).isDirectory(),
})
writeFileSync(join(root, "dist/cjs/package.json"), '{"type":"commonjs","sideEffects":false}\n')
await build({
  absWorkingDir: root,
  entryPoints: ["dist/esm/browser.js"],
  outfile: "dist/browser/tailrace-sdk.js",
  bundle: true,
  minify: true,
  format: "esm",
  platform: "browser",
  target: "es2022",
  legalComments: "eof",
})
