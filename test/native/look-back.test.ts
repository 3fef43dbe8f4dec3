// Files that the newest snapshot left out are linked from an older one.
import {expect} from 'chai'
import {appendFileSync, linkSync, mkdirSync, statSync, writeFileSync} from 'node:fs'
import {follow} from '../../src/native/job.js'
import {native, type Comparison} from '../../src/native/native.js'
import {plain} from './door.js'
import {isRoot, settle, sh, workshop} from './workshop.js'

const never = new AbortController().signal
const work = '.partial-2025-01-01_00-00-00'

describe('looking back', () => {
  const {docs, store, snapshot} = workshop()

  const inStore = (name: string, ...names: string[]): number => statSync(store(name, ...names)).ino

  /** Compares with `base`, makes the tree, checks it and removes it again. */
  async function make(
    base: string,
    older: readonly string[],
    look: () => void,
  ): Promise<Comparison> {
    const opened = native().openStore(store())
    try {
      const sources = opened.openSources([{name: 'docs', path: docs()}])
      const bases = [{name: 'docs', snapshot: base, foreign: false, older}]
      const job = opened.snapshot({sources, bases, ...plain})
      const compared = await follow(job.compare(), never, () => undefined)
      await follow(job.apply(work), never, () => undefined)
      look()
      await follow(opened.remove(work), never, () => undefined)
      job.close()
      sources.close()
      return compared
    } finally {
      opened.close()
    }
  }

  /** Makes two snapshots: the first one has the videos, the second does not. */
  async function twoSnapshots(): Promise<[string, string]> {
    mkdirSync(docs('videos', 'old'), {recursive: true})
    writeFileSync(docs('a'), 'a')
    writeFileSync(docs('videos', 'v1'), 'video one')
    writeFileSync(docs('videos', 'old', 'v2'), 'video two')
    await settle()
    const first = await snapshot()
    sh('mv', docs('videos'), docs('..', 'videos'))
    const second = await snapshot()
    sh('mv', docs('..', 'videos'), docs('videos'))
    return [first, second]
  }

  it('links unchanged files, and counts them as new', async () => {
    const [first, second] = await twoSnapshots()
    const compared = await make(second, [first], () => {
      for (const file of [['v1'], ['old', 'v2']]) {
        const names = ['docs', 'videos', ...file]
        expect(inStore(work, ...names)).to.equal(inStore(first, ...names))
        expect(inStore(work, '.backup_delta', ...names), 'the delta').to.equal(
          inStore(first, ...names),
        )
      }
    })
    expect(compared.changes.new).to.equal(4)
    expect(compared.need.bytes).to.equal(0)
  })

  it('copies changed files, and everything without older snapshots (the control)', async () => {
    const [first, second] = await twoSnapshots()
    const names = ['docs', 'videos', 'v1']
    await make(second, [], () => {
      expect(inStore(work, ...names)).not.to.equal(inStore(first, ...names))
    })
    appendFileSync(docs('videos', 'v1'), '!')
    const compared = await make(second, [first], () => {
      expect(inStore(work, ...names)).not.to.equal(inStore(first, ...names))
      expect(inStore(work, 'docs', 'videos', 'old', 'v2')).to.equal(
        inStore(first, 'docs', 'videos', 'old', 'v2'),
      )
    })
    expect(compared.need.bytes).to.equal('video one!'.length)
  })

  it('links hardlinked files, and keeps their groups', async () => {
    mkdirSync(docs('videos'))
    writeFileSync(docs('a'), 'a')
    writeFileSync(docs('videos', 'v1'), 'video')
    linkSync(docs('videos', 'v1'), docs('videos', 'v2'))
    linkSync(docs('videos', 'v1'), docs('seen'))
    await settle()
    const first = await snapshot()
    sh('mv', docs('videos'), docs('..', 'videos'))
    const second = await snapshot()
    sh('mv', docs('..', 'videos'), docs('videos'))
    const stored = inStore(first, 'docs', 'seen')
    const compared = await make(second, [first], () => {
      for (const names of [['seen'], ['videos', 'v1'], ['videos', 'v2']]) {
        expect(inStore(work, 'docs', ...names), names.join('/')).to.equal(stored)
      }
    })
    expect(compared.need.bytes).to.equal(0)
    sh('rm', docs('seen'))
    const third = await snapshot()
    sh('mv', docs('videos'), docs('..', 'videos'))
    const fourth = await snapshot()
    sh('mv', docs('..', 'videos'), docs('videos'))
    await make(fourth, [third], () => {
      for (const name of ['v1', 'v2']) {
        expect(inStore(work, 'docs', 'videos', name)).to.equal(
          inStore(third, 'docs', 'videos', name),
        )
      }
    })
  })

  it('gives a file with changed metadata a new inode (needs root)', async function () {
    if (!isRoot) this.skip()
    const [first, second] = await twoSnapshots()
    sh('chmod', '600', docs('videos', 'v1'))
    await make(second, [first], () => {
      const stat = statSync(store(work, 'docs', 'videos', 'v1'))
      expect(stat.mode & 0o777).to.equal(0o600)
      expect(stat.ino).not.to.equal(inStore(first, 'docs', 'videos', 'v1'))
      expect(statSync(store(first, 'docs', 'videos', 'v1')).mode & 0o777).to.equal(0o644)
    })
  })

  it('skips older snapshots that no longer exist', async () => {
    const [first, second] = await twoSnapshots()
    await make(second, ['2001-01-01_00-00-00', first], () => {
      const names = ['docs', 'videos', 'v1']
      expect(inStore(work, ...names)).to.equal(inStore(first, ...names))
    })
  })
})
