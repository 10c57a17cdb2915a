// Follows a container and says how many bytes came: what `tailrace bench --only sdk` measures.
//
//   node follow.mjs ADDRESS CONTAINER BYTES_PER_SECOND SECONDS_MAX    (0: as fast as it can; 0: to the end)
import { open } from "@tailrace/sdk"

const [address, id, bytesPerSecond, secondsMax] = process.argv.slice(2)
const rate = Number(bytesPerSecond)
const millisMax = Number(secondsMax) * 1_000
const client = await open({ address })
const container = await client.containers.get(id)
const begun = performance.now()
let bytes = 0
for await (const record of container.follow()) {
  if (record.kind !== "output") continue
  bytes += record.data.length
  if (millisMax > 0 && performance.now() - begun > millisMax) break
  if (rate > 0) {
    const ahead = (bytes / rate) * 1_000 - (performance.now() - begun)
    if (ahead > 1) await new Promise(resolve => setTimeout(resolve, ahead))
  }
}
await client.close()
console.log(bytes)
