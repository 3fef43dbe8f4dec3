// Several jobs at once: they share the descriptors and the threads of one process.
import {spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import type {JobOrder, JobsOutcome} from './fixtures/jobs.js'
import {inventory} from './inventory.js'
import {withDescriptors} from './programs.js'
import {expectSame} from './snapshots.js'
import {python, workshop} from './workshop.js'

const fixture = fileURLToPath(new URL('fixtures/jobs.ts', import.meta.url))
const leftover = '.trash-2020-01-01_00-00-00'
const partial = '.partial-2025-01-01_00-00-00'

/** Wide and deep, so that many directories are in use at the same time. */
const bush = `
for a in range(8):
  for b in range(8):
    os.makedirs('%d/%d' % (a, b) + '/deep' * 12)
    for c in range(12):
      with open('%d/%d/%d' % (a, b, c), 'w') as file: file.write('x' * c)
      with open('%d/%d' % (a, b) + '/deep' * 12 + '/%d' % c, 'w') as file: file.write('y' * c)`
const bushEntries = 8 + 64 * 13 + 64 * 24

describe('jobs at once', () => {
  const {docs, store, path} = workshop()

  function run(orders: readonly JobOrder[], limit: number): JobsOutcome {
    const [program = '', ...args] = [...withDescriptors(limit), process.execPath, '--import=tsx']
    const {status, stdout, stderr} = spawnSync(
      program,
      [...args, fixture, JSON.stringify(orders)],
      {
        encoding: 'utf8',
      },
    )
    if (status !== 0) throw new Error(`ended with ${status}: ${stderr}`)
    return JSON.parse(stdout) as JobsOutcome
  }

  function grow(directory: string): string {
    mkdirSync(directory, {mode: 0o700})
    python(directory, bush)
    return directory
  }

  it('finish with 128 descriptors: two backups and two removals (slow)', () => {
    python(docs(), bush)
    mkdirSync(path('other'), {mode: 0o700})
    grow(store(leftover))
    grow(path('other', leftover))
    const {jobs, most} = run(
      [
        {store: store(), docs: docs(), partial},
        {store: path('other'), docs: docs(), partial},
        {store: store(), remove: leftover},
        {store: path('other'), remove: leftover},
      ],
      128,
    )
    const backup = {failed: 0, entries: bushEntries + 1}
    const removal = {failed: undefined, entries: bushEntries}
    expect(jobs.map(({failed, entries}) => ({failed, entries}))).to.deep.equal([
      backup,
      backup,
      removal,
      removal,
    ])
    expect(most.descriptors).to.be.within(30, 128)
    for (const made of [store(), path('other')]) {
      expect(readdirSync(made)).to.deep.equal([partial])
      expectSame(docs(), `${made}/${partial}/docs`)
    }
  })

  it('have one number each, all stages of a snapshot the same', () => {
    python(docs(), "open('a', 'w').close()")
    grow(store(leftover))
    const {jobs} = run(
      [
        {store: store(), docs: docs(), partial},
        {store: store(), remove: leftover},
      ],
      1024,
    )
    const ids = jobs.map((job) => job.ids ?? [])
    expect(ids.map((own) => own.length)).to.deep.equal([1, 1])
    expect(new Set(ids.flat())).to.have.property('size', 2)
    expect(inventory(store(partial)).map((item) => item.path)).to.include('docs/a')
  })

  it('share the threads of one job, plus one thread each (slow)', () => {
    python(docs(), bush)
    const all = ['1', '2', '3'].map((at) => ({
      store: store(),
      docs: docs(),
      partial: `${partial}-${at}`,
    }))
    const {jobs, own, most} = run(all, 1024)
    expect(jobs.map(({failed}) => failed)).to.deep.equal([0, 0, 0])
    const [ofNode, ofOneJob] = [4, 16]
    expect(most.threads).to.be.within(own + 1, own + ofNode + ofOneJob + jobs.length)
  })
})
