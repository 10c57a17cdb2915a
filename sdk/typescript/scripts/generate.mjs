// Makes src/gen from the protos of api/: the messages and services of tailrace.v1, and what errors carry.
import { spawnSync } from "node:child_process"
import { cpSync, mkdirSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("..", import.meta.url))
const protobuf = join(root, "target/protobuf")

rmSync(protobuf, { recursive: true, force: true })
cpSync(join(root, "../../api/src/main/protobuf/tailrace"), join(protobuf, "tailrace"), { recursive: true })
cpSync(join(root, "protobuf"), protobuf, { recursive: true })
mkdirSync(join(protobuf, "google/api"))
for (const file of ["annotations.proto", "http.proto"]) {
  cpSync(join(root, "node_modules/protobufjs/google/api", file), join(protobuf, "google/api", file))
}
writeFileSync(join(protobuf, "buf.yaml"), "version: v2\n")

rmSync(join(root, "src/gen"), { recursive: true, force: true })
const template = JSON.stringify({
  version: "v2",
  plugins: [
    {
      local: [join(root, "node_modules/.bin/protoc-gen-es")],
      out: join(root, "src/gen"),
      opt: ["target=ts", "import_extension=js"],
    },
  ],
})
const generated = spawnSync(
  join(root, "node_modules/.bin/buf"),
  ["generate", "--template", template, protobuf],
  { cwd: root, stdio: "inherit" },
)
process.exit(generated.status ?? 1)
