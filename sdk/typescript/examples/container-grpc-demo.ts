// What can be asked of a container while it runs: its output, its status, what happens to it; and what it can be told.
//
//   ./tailrace image busybox alpine:latest   (where no registry can be reached)
//   npm install && npm run container-grpc-demo
import { connect } from "@tailrace/sdk"

await connect(
  async client => {
    const container = client
      .container()
      .from("alpine:latest")
      .withExec(["sh", "-c", "for i in 1 2 3 4 5; do echo line $i; sleep 0.3; done; echo waiting >&2; sleep 60"])

    const lifecycle = (async () => {
      for await (const event of container.subscribeLifecycle()) {
        console.log(`[${event.event_type}] ${event.message}`)
      }
    })()

    const output = (async () => {
      for await (const chunk of container.streamLogs()) {
        if (chunk.stdout) process.stdout.write(chunk.stdout)
        if (chunk.stderr) process.stdout.write(chunk.stderr)
        if (chunk.exitCode !== undefined) console.log(`exit code ${chunk.exitCode}`)
      }
    })()

    const status = await container.status({ includeResourceUsage: true })
    console.log(`${status.status}, ${status.resource_usage?.memory_bytes ?? 0} bytes of memory`)
    await container.pause()
    console.log((await container.status()).status)
    await container.resume()
    await container.waitForLine("^waiting$")
    await container.signal("SIGTERM")
    await Promise.all([lifecycle, output])
  },
  { LogOutput: process.stderr },
)
