// Run by terminal.test.ts in a terminal: a shell on what a command has left, then one in a container that lives by itself.
import { client, image, script } from "./support.js"

const tailrace = await client()
try {
  const lazy = await script(tailrace, "echo left > /left").terminal()
  console.log(`lazy ended with ${lazy}, raw: ${process.stdin.isRaw}`)
  const container = await tailrace.containers.run({ image, network: "none", command: ["sleep", "600"] })
  try {
    const exec = await container.terminal(["sh", "-c", "echo exec; read line; echo \"got $line\"; exit 9"])
    console.log(`exec ended with ${exec}, raw: ${process.stdin.isRaw}`)
  } finally {
    await container.remove({ force: true })
  }
} finally {
  await tailrace.close()
}
