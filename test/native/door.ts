// A comparison through the addon's door alone, for tests that must look at nothing else.
import {follow} from '../../src/native/job.js'
import {fullTrust} from '../../src/engine/selection.js'
import {native, type Comparison, type NativeSnapshot} from '../../src/native/native.js'

/** A snapshot's options where nothing is special. */
export const plain = {selection: null, trust: fullTrust, digests: true} as const

/** What `docs` is compared with; nothing if there is no name. */
export const basedOn = (snapshot: string | null) => [
  {name: 'docs', snapshot: snapshot === '' ? null : snapshot, foreign: false, older: []},
]

const never = new AbortController().signal

const work = '.partial-2025-01-01_00-00-00'

/** Compares `docs` with a snapshot; `next` may go on from there. */
export async function compareNow(
  storeDir: string,
  docs: string,
  previous: string,
  next: (snapshot: NativeSnapshot) => Promise<void> = () => Promise.resolve(),
): Promise<Comparison> {
  const store = native().openStore(storeDir)
  try {
    const sources = store.openSources([{name: 'docs', path: docs}])
    const snapshot = store.snapshot({sources, bases: basedOn(previous), ...plain})
    const comparison = await follow(snapshot.compare(), never, () => undefined)
    await next(snapshot)
    sources.close()
    return comparison
  } finally {
    store.close()
  }
}

/** Lists the changes and makes the tree, whatever comes of it, and takes it away again. */
export async function applyAndRemove(storeDir: string, snapshot: NativeSnapshot): Promise<boolean> {
  for (let page = snapshot.changes(1000); page.length > 0;) page = snapshot.changes(1000)
  const made = await follow(snapshot.apply(work), never, () => undefined).then(
    () => true,
    () => false,
  )
  const store = native().openStore(storeDir)
  try {
    await follow(store.remove(work), never, () => undefined)
  } finally {
    store.close()
  }
  return made
}
