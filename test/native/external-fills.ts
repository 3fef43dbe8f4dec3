// Makes a snapshot that another program fills, from begin to publication.
import {follow} from '../../src/native/job.js'
import {native, type Applied, type NativeExternalFill} from '../../src/native/native.js'

export const partial = '.partial-2025-02-01_00-00-00'

const never = new AbortController().signal

export interface FillOptions {
  readonly store: string
  readonly previous: string | null
  /** Top-level names to link. */
  readonly names?: readonly string[]
  /** Paths, their bytes as Latin-1. */
  readonly unshare?: readonly string[]
  /** Runs between `unshare` and `finish`. */
  readonly fill?: () => void
  /** Paths that the filler could not read. */
  readonly missing?: readonly string[]
  /** The name to publish it under. Without a name the work directory stays. */
  readonly name?: string
}

export interface Filled {
  readonly linked: number
  readonly unshared: number
  readonly applied: Applied
}

const bytes = (paths: readonly string[] = []): Buffer[] =>
  paths.map((path) => Buffer.from(path, 'latin1'))

async function stages(filling: NativeExternalFill, options: FillOptions): Promise<Filled> {
  const {names = ['docs'], unshare, fill, missing, name} = options
  filling.begin(partial)
  const linked = await follow(filling.link(names), never, () => undefined)
  const unshared = await follow(filling.unshare(bytes(unshare)), never, () => undefined)
  fill?.()
  const applied = await follow(filling.finish(bytes(missing)), never, () => undefined)
  if (name !== undefined) {
    const marker = Buffer.from('{}')
    await follow(filling.publish({partial, name, marker}), never, () => undefined)
  }
  return {linked: linked.entries, unshared: unshared.entries, applied}
}

export async function fillNow(options: FillOptions): Promise<Filled> {
  const store = native().openStore(options.store)
  const filling = store.externalFill({previous: options.previous})
  try {
    return await stages(filling, options)
  } finally {
    filling.close()
    store.close()
  }
}
