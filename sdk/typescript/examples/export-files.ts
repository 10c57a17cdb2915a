// What commands leave in a container, as text and as files of this machine.
import { mkdtemp, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { connect } from "@tailrace/sdk"

const target = await mkdtemp(join(tmpdir(), "export-files-"))
try {
  await connect(async client => {
    const built = client
      .container()
      .from("alpine:latest")
      .withExec(["sh", "-c", "mkdir /out; seq 3 > /out/numbers; echo $(wc -l < /out/numbers) numbers > /out/summary"])
    process.stdout.write(await built.file("/out/summary").contents())
    await built.directory("/out").export(target)
  })
  process.stdout.write(await readFile(join(target, "numbers")))
} finally {
  await rm(target, { recursive: true })
}
