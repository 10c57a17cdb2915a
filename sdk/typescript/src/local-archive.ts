import { lstat, open, readdir, readlink } from "node:fs/promises"
import { join } from "node:path"
import { invalid, TailraceError } from "./errors.js"
import { TAR_END, tarHeader, tarPadding, type TarEntry } from "./tar.js"

const CHUNK_BYTES = 65_536

/**
 * The tar of a file or a directory of this machine, as it is read; links are links in it.
 *
 * @param name what the root is called; empty: only what is in it is there
 */
export async function* archiveOf(root: string, name: string, keepsOwner: boolean): AsyncGenerator<Uint8Array, void, void> {
  yield* tree(root, name, keepsOwner)
  yield TAR_END
}

async function* tree(path: string, name: string, keepsOwner: boolean): AsyncGenerator<Uint8Array, void, void> {
  const status = await lstat(path)
  const entry = {
    name,
    mode: status.mode & (keepsOwner ? 0o7777 : 0o1777),
    uid: keepsOwner ? status.uid : 0,
    gid: keepsOwner ? status.gid : 0,
    sizeBytes: 0,
    modifiedSeconds: status.mtimeMs / 1000,
    linkTarget: "",
  }
  if (status.isDirectory()) {
    if (name !== "") yield tarHeader({ ...entry, type: "directory" })
    for (const child of (await readdir(path)).sort()) {
      yield* tree(join(path, child), name === "" ? child : `${name}/${child}`, keepsOwner)
    }
  } else if (status.isSymbolicLink()) {
    yield tarHeader({ ...entry, type: "link", linkTarget: await readlink(path) })
  } else if (status.isFile()) {
    yield* file(path, { ...entry, type: "file", sizeBytes: status.size })
  } else {
    throw invalid("source", path, "files, directories and symbolic links")
  }
}

/** As long as its header says, whatever becomes of it meanwhile: one that got shorter is a failure. */
async function* file(path: string, entry: TarEntry): AsyncGenerator<Uint8Array, void, void> {
  const handle = await open(path)
  try {
    yield tarHeader(entry)
    for (let left = entry.sizeBytes; left > 0; ) {
      // Its own each time: what was handed out is still on its way.
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafeSlow(Math.min(left, CHUNK_BYTES)))
      if (bytesRead === 0) throw new TailraceError("FAILED_PRECONDITION", `${path}: became shorter while it was copied`)
      yield buffer.subarray(0, bytesRead)
      left -= bytesRead
    }
    yield tarPadding(entry.sizeBytes)
  } finally {
    await handle.close()
  }
}
