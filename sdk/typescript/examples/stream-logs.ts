// The output of a container as it comes, and its exit code.
import { connect } from "@tailrace/sdk"

await connect(async client => {
  const container = client.container().from("alpine:latest").withExec(["sh", "-c", "echo Starting...; sleep 1; echo Done!"])
  for await (const chunk of container.streamLogs()) {
    if (chunk.stdout) process.stdout.write(chunk.stdout)
    if (chunk.stderr) process.stderr.write(chunk.stderr)
    if (chunk.exitCode !== undefined) console.log(`exit code ${chunk.exitCode}`)
  }
})
