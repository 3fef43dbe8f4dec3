// Wrong calls of the addon: each one throws, and none ends the process.
import {mkdirSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {native, type Native, type NativeExternalFill} from '../../src/native/native.js'
import type {NativeSnapshot, NativeStore} from '../../src/native/native.js'
import {plain} from './door.js'
import {workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const work = '.partial-2025-01-01_00-00-00'
const marker = Buffer.from('{}')
const bare = {
  ...{patterns: [], ignoreFiles: [], tags: [], attributes: [], largest: null},
  ...{oneFileSystem: false, lists: false},
}
const publication = {partial: work, name: '2025-01-01_00-00-00', marker}

/** A title, a call, and the message that it throws. */
type Case = readonly [title: string, call: () => unknown, message: RegExp]

/** The methods of any object, to be called with any arguments. */
type Loose = Record<string, (...args: unknown[]) => unknown>

/** Values that are wrong for a string, a name, a list, a number or an object. */
const wrong: readonly unknown[] = [
  undefined,
  null,
  true,
  -1,
  1.5,
  Number.NaN,
  Symbol('x'),
  10n,
  () => 0,
  [],
  [1],
  {},
  Object.create(null),
  '',
  '..',
  'a/b',
  'a\0b',
  Buffer.from('x'),
  new Proxy({}, {get: () => { throw new Error('no') }}), // prettier-ignore
]

describe('the addon, misused', () => {
  const {docs, store, later, newest, backUp} = workshop()
  let opened: NativeStore

  beforeEach(() => {
    writeFileSync(docs('a'), 'a')
    opened = native().openStore(store())
    later(() => {
      opened.close()
    })
  })

  const snapshot = (): NativeSnapshot => {
    const sources = opened.openSources([{name: 'docs', path: docs()}])
    return opened.snapshot({sources, bases: [], ...plain})
  }
  const filling = (): NativeExternalFill => opened.externalFill({previous: null})

  function refuses(...cases: readonly Case[]): void {
    for (const [title, call, message] of cases) expect(call, title).to.throw(message)
  }

  it('refuses calls after close()', () => {
    const [snap, outer] = [snapshot(), filling()]
    const sources = opened.openSources([{name: 'docs', path: docs()}])
    for (const one of [snap, outer, sources]) {
      one.close()
      one.close()
    }
    refuses(
      ['compare', () => snap.compare(), /closed/],
      ['changes', () => snap.changes(1), /closed/],
      ['apply', () => snap.apply(work), /closed/],
      ['publish', () => snap.publish(publication), /closed/],
      ['begin', () => { outer.begin(work) }, /closed/], // prettier-ignore
      ['leftOut', () => outer.leftOut(), /closed/],
      ['finish', () => outer.finish([]), /closed/],
      ['mounted', () => sources.mounted(), /closed/],
      ['snapshot', () => opened.snapshot({sources, bases: [], ...plain}), /closed/],
    )
    opened.close()
    opened.close()
    opened.unlock()
    const rest: readonly Case[] = Object.getOwnPropertyNames(Object.getPrototypeOf(opened))
      .filter((name) => !['constructor', 'close', 'unlock'].includes(name))
      .map((name) => [name, () => (opened as unknown as Loose)[name]?.('a', 'b', 1), /closed/])
    expect(rest).to.have.length.above(12)
    refuses(...rest)
  })

  it('refuses stages in the wrong order', async () => {
    const snap = snapshot()
    refuses(
      ['changes', () => snap.changes(1), /order/],
      ['omitted', () => snap.omitted(1), /order/],
      ['apply', () => snap.apply(work), /order/],
      ['publish', () => snap.publish(publication), /order/],
    )
    await snap.compare().done
    refuses(
      ['compare', () => snap.compare(), /order/],
      ['publish', () => snap.publish(publication), /order/],
    )
    expect(snap.changes(10)).to.have.lengthOf(2)
    await snap.apply(work).done
    refuses(['apply', () => snap.apply(work), /order/])
    await snap.publish(publication).done
    refuses(['publish', () => snap.publish(publication), /order/])
    expect(newest()).to.equal(publication.name)

    const outer = filling()
    refuses(
      ['link', () => outer.link([]), /order/],
      ['finish', () => outer.finish([]), /order/],
      ['publish', () => outer.publish(publication), /order/],
    )
    outer.begin(work)
    refuses(['begin', () => { outer.begin(work) }, /order/]) // prettier-ignore
  })

  it('refuses two stages at once, and is not harmed by close() during a stage', async () => {
    for (let i = 0; i < 300; i += 1) writeFileSync(docs(`f${i}`), 'x')
    const snap = snapshot()
    const job = snap.compare()
    refuses(
      ['compare', () => snap.compare(), /another stage is running/],
      ['changes', () => snap.changes(1), /another stage is running/],
      ['apply', () => snap.apply(work), /another stage is running/],
    )
    snap.close()
    opened.close()
    expect((await job.done).totals).to.include({files: 301})
    job.abort()
    expect(job.progress()).to.include({phase: 'scan'})
  })

  it('refuses to continue after a stage that failed', async () => {
    const snap = snapshot()
    await snap.compare().done
    mkdirSync(store(work))
    const error: unknown = await snap.apply(work).done.catch((reason: unknown) => reason)
    expect(error).to.include({code: 'EEXIST'})
    refuses(
      ['apply', () => snap.apply(work), /earlier stage failed/],
      ['publish', () => snap.publish(publication), /earlier stage failed/],
    )
  })

  it('refuses foreign objects, and objects of another kind', () => {
    const sources = opened.openSources([{name: 'docs', path: docs()}])
    const selection = native().selection(bare)
    const given = {sources, bases: [], ...plain}
    const fake = Object.create(Object.getPrototypeOf(sources) as object) as typeof sources
    for (const other of [selection, opened, fake, {}, null, undefined, 1]) {
      expect(() => opened.snapshot({...given, sources: other as typeof sources})).to.throw()
    }
    for (const other of [sources, opened, fake, {}, undefined, 1]) {
      expect(() => opened.snapshot({...given, selection: other as object})).to.throw()
    }
    expect(() => (opened.list as Loose[string]).call(sources)).to.throw()
    expect(() => (opened.list as Loose[string]).call({})).to.throw()
    const Bare = opened.constructor as new () => NativeStore
    expect(() => new Bare().list()).to.throw(/closed/)
  })

  it('refuses arguments of any wrong type', async () => {
    await backUp()
    const calls: ReadonlyArray<readonly [string, (value: never) => unknown]> = [
      ...(['openStore', 'isMountPoint', 'selection', 'processStart', 'signalProcess'] as const).map(
        (name) => [name, (value: never) => (native()[name] as Native['selection'])(value)] as const,
      ),
      ['only', (value) => native().selection({...bare, only: value})],
      ['one of only', (value) => native().selection({...bare, only: [value]})],
      ['inventory', (value) => opened.inventory(value)],
      ['readFile', (value) => opened.readFile(value, Buffer.from('docs/a'), 9)],
      ['readFile of', (value) => opened.readFile(newest(), value, 9)],
      ['openFile', (value) => opened.openFile(value, Buffer.from('docs/a'))],
      ['openFile of', (value) => opened.openFile(newest(), value)],
      ['lease', (value) => { opened.lease(value) }], // prettier-ignore
      ['readState', (value) => opened.readState(value)],
      ['setPinned', (value) => { opened.setPinned(value, true) }], // prettier-ignore
      ['writeTags', (value) => { opened.writeTags(value, '[]') }], // prettier-ignore
      ['release', (value) => { opened.release(value) }], // prettier-ignore
      ['isLeased', (value) => opened.isLeased(value)],
      ['tryLock', (value) => opened.tryLock('x', value)],
      ['borrowLock', (value) => opened.borrowLock(value, 'a')],
      ['breakLock', (value) => opened.breakLock(null, value)],
      ['openSources', (value) => opened.openSources([value])],
      ['source', (name) => opened.openSources([{name, path: docs()}])],
      ['snapshot', (value) => opened.snapshot(value)],
      ['openRecords', (value) => opened.openRecords([value], {whole: false})],
      ['trash', (value) => { opened.trash(value, '.trash') }], // prettier-ignore
      ['trash to', (value) => { opened.trash(newest(), value) }], // prettier-ignore
      ['externalFill', (value) => opened.externalFill(value)],
      ['remove', (value) => opened.remove(value)],
      ['measure', (value) => opened.measure([value], {set: [], top: 0, topOfSet: false})],
      ['begin', (value) => { filling().begin(value) }], // prettier-ignore
    ]
    for (const [name, call] of calls) {
      for (const value of wrong) {
        const isPath = name === 'openStore' || name === 'isMountPoint'
        if (isPath && (value === '..' || value === '' || value === 'a/b')) continue
        if (name === 'one of only' && Buffer.isBuffer(value)) continue
        if (name === 'only' && (value === undefined || Array.isArray(value))) continue
        expect(() => call(value as never), `${name} of ${typeof value}`).to.throw()
      }
    }
    expect(storedIn(store())).to.deep.equal([newest()])
  })

  it('refuses limits that are not whole numbers', async () => {
    const snap = snapshot()
    await snap.compare().done
    for (const limit of [undefined, null, '1', -1, 1.5, Number.NaN, Infinity, 2 ** 32]) {
      expect(() => snap.changes(limit as number), String(limit)).to.throw(/whole number/)
    }
    expect(snap.changes(1)).to.have.lengthOf(1)
  })

  it('never signals more than one process', () => {
    for (const pid of [0, -1, 2 ** 31, 2 ** 32 - 1]) {
      expect(() => native().signalProcess(pid, 'any', 0), String(pid)).to.throw()
    }
  })
})
