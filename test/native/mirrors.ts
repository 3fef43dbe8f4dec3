// A snapshot that another program fills, from begin to publication.
import {follow} from '../../src/job.js'
import {native, type Applied, type NativeMirror} from '../../src/native.js'

export const partial = '.partial-2025-02-01_00-00-00'

const never = new AbortController().signal

export interface MirrorOptions {
  readonly store: string
  readonly previous: string | null
  /** Top-level names to link. */
  readonly names?: readonly string[]
  /** Paths, their bytes as Latin-1. */
  readonly unshare?: readonly string[]
  /** What runs between `unshare` and `finish`. */
  readonly fill?: () => void
  /** Paths that the filler could not read. */
  readonly missing?: readonly string[]
  /** What to publish it as; without it the work directory stays. */
  readonly name?: string
}

export interface Mirrored {
  readonly linked: number
  readonly unshared: number
  readonly applied: Applied
}

const bytes = (paths: readonly string[] = []): Buffer[] =>
  paths.map((path) => Buffer.from(path, 'latin1'))

async function stages(mirror: NativeMirror, options: MirrorOptions): Promise<Mirrored> {
  const {names = ['docs'], unshare, fill, missing, name} = options
  mirror.begin(partial)
  const linked = await follow(mirror.link(names), never, () => undefined)
  const unshared = await follow(mirror.unshare(bytes(unshare)), never, () => undefined)
  fill?.()
  const applied = await follow(mirror.finish(bytes(missing)), never, () => undefined)
  if (name !== undefined) {
    const marker = Buffer.from('{}')
    await follow(mirror.publish({partial, name, marker}), never, () => undefined)
  }
  return {linked: linked.entries, unshared: unshared.entries, applied}
}

export async function mirrorNow(options: MirrorOptions): Promise<Mirrored> {
  const store = native().openStore(options.store)
  const mirror = store.mirror({previous: options.previous})
  try {
    return await stages(mirror, options)
  } finally {
    mirror.close()
    store.close()
  }
}
