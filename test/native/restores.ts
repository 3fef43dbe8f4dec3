// Restores through the addon's JavaScript interface only.
import {follow} from '../../src/native/job.js'
import {
  native,
  type RestoreChange,
  type Restored,
  type RestoreOperand,
  type RestoreOptions,
  type RestorePlan,
} from '../../src/native/native.js'

const never = new AbortController().signal

/** An operand whose whole contents go to `root`. */
export const contents = (anchor: string, root: string, keepsRoot = false): RestoreOperand => ({
  anchor: Buffer.from(anchor),
  below: Buffer.alloc(0),
  root: Buffer.from(root),
  name: Buffer.alloc(0),
  keepsRoot,
})

/** An operand below an anchor. */
export const path = (anchor: string, below: string, root: string): RestoreOperand => ({
  anchor: Buffer.from(anchor),
  below: Buffer.from(below),
  root: Buffer.from(root),
  name: Buffer.from(below.split('/')[0] ?? ''),
  keepsRoot: false,
})

export interface Outcome {
  readonly plan: RestorePlan
  /** 'action path', sorted. */
  readonly changes: string[]
  readonly done: Restored
}

type Given = Partial<RestoreOptions> & Pick<RestoreOptions, 'snapshot' | 'operands'>

/** Compares, lists and applies. */
export async function restoreNow(
  storeDir: string,
  given: Given,
  between: () => void = () => undefined,
): Promise<Outcome> {
  const store = native().openStore(storeDir)
  const restore = store.restore({
    overwrite: 'if-changed',
    checksum: false,
    deletes: true,
    selection: null,
    keepsOwner: true,
    keepsXattrs: true,
    keepsSuid: true,
    donors: [],
    ...given,
  })
  try {
    const plan = await follow(restore.compare(), never, () => undefined)
    const changes: RestoreChange[] = []
    for (let page = restore.changes(7); page.length > 0; page = restore.changes(7)) {
      changes.push(...page)
    }
    between()
    const done = await follow(restore.apply(), never, () => undefined)
    const lines = changes.map(({action, path: at}) => `${action} ${at.toString('latin1')}`)
    return {plan, changes: lines.sort(), done}
  } finally {
    restore.close()
    store.close()
  }
}
