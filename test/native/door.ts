// Compares through the addon's JavaScript interface only, for tests that must observe nothing else.
import {follow} from '../../src/native/job.js'
import {fullTrust} from '../../src/engine/selection.js'
import {native, type Comparison, type NativeSnapshot} from '../../src/native/native.js'

/** The plain options of a snapshot. */
export const plain = {selection: null, trust: fullTrust, digests: true} as const

/** The snapshot to compare `docs` with; null for none. */
export const basedOn = (snapshot: string | null) => [
  {name: 'docs', snapshot: snapshot === '' ? null : snapshot, foreign: false, older: []},
]

const never = new AbortController().signal

const work = '.partial-2025-01-01_00-00-00'

/** Compares `docs` with a snapshot. `next` may continue from there. */
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

/** Lists the changes, makes the tree, and removes it again. */
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
