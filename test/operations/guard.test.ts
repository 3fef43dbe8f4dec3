// The guard of a restore in place: complete for the paths, and no part of any history.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {recordedSelection} from '../../src/engine/recorded-rules.js'
import {selectionFrom} from '../../src/engine/selection.js'
import {deleteSnapshots} from '../../src/operations/delete.js'
import {makeGuard, type GuardOptions} from '../../src/operations/guard.js'
import {prune} from '../../src/operations/prune.js'
import {status} from '../../src/operations/status.js'
import {policyFrom} from '../../src/retention/policy.js'
import {localZone} from '../../src/retention/retention.js'
import {parseMarker, type Marker} from '../../src/store/marker.js'
import {historiesOf} from '../../src/store/histories.js'
import {currentHost} from '../../src/store/host.js'
import {resolve} from '../../src/store/selectors.js'
import {openStore, readInventory} from '../../src/store/store.js'
import {inventory} from '../native/inventory.js'
import {nobody} from '../native/programs.js'
import {isRoot, python, sh, workshop} from '../native/workshop.js'
import {storedIn} from '../support/stored.js'

const zone = localZone
const {signal} = new AbortController()
/** After the backups of a workshop, which begin on 2025-01-15 at 10:00. */
const noon = new Date(2025, 0, 15, 12)
const daysLater = (days: number): Date => new Date(noon.getTime() + days * 86_400_000)

describe('guard', () => {
  const {docs, store, path, backUp, snapshot, later} = workshop()

  const shown = (): string[] => storedIn(store()).filter((name) => !/^\.backup_/.test(name)).sort() // prettier-ignore
  const markerOf = (name: string): Marker => {
    const {marker} = parseMarker(readFileSync(store(name, '.backup_finished')))
    if (marker === null) throw new Error('the marker is damaged')
    return marker
  }
  const pathsIn = (name: string): string[] =>
    inventory(store(name))
      .map((item) => item.path)
      .filter((text) => text !== '' && !text.startsWith('.backup_'))

  beforeEach(() => {
    for (const name of ['a/x', 'ab', 'b']) mkdirSync(docs(name), {recursive: true})
    for (const name of ['a/x/1', 'a/2', 'ab/3', 'b/4', '5']) writeFileSync(docs(name), name)
  })

  type Given = Partial<Omit<GuardOptions, 'covered' | 'absent'>>
  async function guard(
    covered: ReadonlyArray<string | Buffer>,
    absent: readonly string[] = [],
    rest: Given = {},
  ): Promise<string> {
    const opened = openStore(store())
    try {
      return await makeGuard({
        store: opened,
        storeDir: store(),
        clock: () => noon,
        host: null,
        of: {name: '2025-01-15_10-00-00'},
        sources: [{name: 'docs', path: docs()}],
        selection: null,
        covered: covered.map((text) => Buffer.from(text)),
        absent: absent.map((text) => Buffer.from(text)),
        signal,
        emit: () => Promise.resolve(),
        ...rest,
      })
    } finally {
      opened.close()
    }
  }

  /** Works as a user who may not read everything. */
  async function asUser(work: () => Promise<void>): Promise<void> {
    if (!isRoot) return work()
    sh('chown', '-R', `${nobody}`, path())
    process.seteuid?.(nobody)
    try {
      await work()
    } finally {
      process.seteuid?.(0)
    }
  }

  async function refusal(made: Promise<unknown>): Promise<CuraError> {
    const error: unknown = await made.catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(CuraError)
    return error as CuraError
  }

  describe('holds', () => {
    it('what is at the paths now, and nothing beside them, linked to the last backup', async () => {
      const first = await snapshot()
      writeFileSync(docs('a', '2'), 'edited')
      const name = await guard(['docs/a', 'docs/5'], ['docs/gone', 'docs/b/none'])
      expect(pathsIn(name)).to.have.members([
        ...['docs', 'docs/5', 'docs/a', 'docs/a/2', 'docs/a/x', 'docs/a/x/1'],
      ])
      expect(readFileSync(store(name, 'docs', 'a', '2'), 'utf8')).to.equal('edited')
      const inodeIn = (one: string): number => statSync(store(one, 'docs/a/x/1')).ino
      expect(inodeIn(name)).to.equal(inodeIn(first))
      expect(markerOf(name)).to.deep.include({
        previous: first,
        tags: ['before-restore'],
        guard: {
          of: '2025-01-15_10-00-00',
          covered: [{path: 'docs/a'}, {path: 'docs/5'}],
          absent: [{path: 'docs/gone'}, {path: 'docs/b/none'}],
        },
      })
      expect(shown()).to.deep.equal([first, name].sort())
    })

    it('everything, even if nothing differs from the last backup', async () => {
      const first = await snapshot()
      const name = await guard(['docs'])
      expect(pathsIn(name)).to.deep.equal(pathsIn(first))
      expect(pathsIn(name)).to.include('docs/b/4')
    })

    it('a directory that is empty now, without a question', async () => {
      await snapshot()
      rmSync(docs('a'), {recursive: true})
      mkdirSync(docs('a'))
      expect(pathsIn(await guard(['docs/a']))).to.deep.equal(['docs', 'docs/a'])
      for (const name of readdirSync(docs())) rmSync(docs(name), {recursive: true})
      expect(pathsIn(await guard(['docs']))).to.deep.equal(['docs'])
    })

    it('paths of several sources; sources without any now are only in the marker', async () => {
      for (const name of ['etc', 'letter', 'gone', 'beside']) {
        if (name !== 'gone') python(path(), `open('${name}', 'w').write('x')`)
      }
      const sources = ['docs', 'letter', 'gone', 'beside'].map((name) => ({name, path: path(name)}))
      const name = await guard(['docs/5', 'letter'], ['gone', 'docs/none'], {sources})
      expect(pathsIn(name)).to.have.members(['docs', 'docs/5', 'letter'])
      expect(markerOf(name).sources).to.deep.equal([
        ...['docs', 'letter', 'gone'].map((one) => ({name: one, path: path(one)})),
      ])
    })

    it('names of any bytes', async () => {
      python(docs(), "os.mkdir(b'a\\xff'); open(b'a\\xff/f', 'w')")
      later(() => sh('rm', '-rf', docs()))
      const bytes = Buffer.from('docs/a\xff', 'latin1')
      const name = await guard([bytes])
      expect(pathsIn(name)).to.have.length(3)
      const [json] = markerOf(name).guard?.covered ?? []
      expect(json?.path_b64).to.equal(bytes.toString('base64'))
    })

    it('nothing that the recorded rules left out, and records them again', async () => {
      const flags = {'exclude-caches': false, 'one-file-system': false}
      const selection = selectionFrom({...flags, exclude: ['/a/x', '5']})
      const first = await snapshot({selection})
      const name = await guard(['docs'], [], {selection: recordedSelection(markerOf(first))})
      expect(pathsIn(name)).to.have.members([
        ...['docs', 'docs/a', 'docs/a/2', 'docs/ab', 'docs/ab/3', 'docs/b', 'docs/b/4'],
      ])
      expect(recordedSelection(markerOf(name))).to.deep.equal(selection)
    })
  })

  describe('is no part of a history:', () => {
    it('the next backup is made as if there were none', async () => {
      const first = await snapshot()
      writeFileSync(docs('5'), 'edited')
      const name = await guard(['docs/5'], [], {clock: () => new Date(2025, 0, 15, 10, 0, 30)})
      expect(existsSync(store(name))).to.equal(true)
      writeFileSync(docs('5'), '5')
      const second = await backUp({dryRun: true})
      expect(second.previous).to.equal(first)
      writeFileSync(docs('5'), 'edited')
      const third = await backUp()
      expect(third).to.include({previous: first})
      expect(third.changes).to.deep.include({new: 0, changed: 1, deleted: 0})
      expect((await backUp()).differs).to.equal(false)
    })

    it('a source that only a guard holds begins a history', async () => {
      const name = await guard(['docs'], [], {clock: () => new Date(2025, 0, 15, 9)})
      const result = await backUp()
      expect(result).to.include({previous: null, differs: true})
      expect(result.changes.new).to.be.above(5)
      expect(result.snapshot).not.to.equal(name)
    })

    it('status does not count it, prune removes it after 7 days, and never anything for it', async () => {
      const first = await snapshot()
      const name = await guard(['docs'])
      const policy = policyFrom({'keep-last': '1'})
      const look = (now: Date) => status({storeDir: store(), now, policy, zone})
      expect(look(noon).lastSnapshot?.name).to.equal(first)
      expect(look(noon).verdicts.map(({reasons}) => reasons)).to.deep.equal([
        ['guard, 7 days'],
        ['newest', 'only one', 'last 1'],
      ])
      const rest = {storeDir: store(), policy, zone, dryRun: false, force: false}
      const pruneAt = (now: Date) =>
        prune({...rest, clock: () => now, signal, emit: () => Promise.resolve()})
      expect((await pruneAt(daysLater(7))).removal.names).to.deep.equal([])
      expect((await pruneAt(daysLater(8))).removal.names).to.deep.equal([name])
      expect(shown()).to.deep.equal([first])
    })

    it('a backup prunes it, too, after 7 days', async () => {
      const first = await snapshot()
      const name = await guard(['docs'])
      writeFileSync(docs('5'), 'edited')
      const pruning = {policy: policyFrom({'keep-last': '9'}), zone}
      const early = await backUp({pruning, clock: () => daysLater(6)})
      expect(early.pruned?.names).to.deep.equal([])
      const late = await backUp({pruning, clock: () => daysLater(8)})
      expect(late.pruned?.names).to.deep.equal([name])
      expect(shown()).to.deep.equal([first, early.snapshot])
    })

    it('selectors and histories pass it over, unless it is named', async () => {
      const first = await snapshot()
      const name = await guard(['docs'])
      const opened = openStore(store())
      const {snapshots} = readInventory(opened, noon)
      opened.close()
      const choice = {snapshots, host: currentHost(null), now: noon, zone, filters: {}}
      const chosen = ['latest', 'latest:docs/5', name, `${name}:docs/5`].map(
        (text) => resolve(text, choice).snapshot.name,
      )
      expect(chosen).to.deep.equal([first, first, name, name])
      expect(() => resolve('latest~1', choice)).to.throw('there is no snapshot')
      expect(historiesOf(choice).map((one) => one.newest.name)).to.deep.equal([first])
      const tagged = {...choice, filters: {tag: 'before-restore'}}
      expect(resolve('latest', tagged).snapshot.name).to.equal(name)
    })

    it('it stays one if its file of tags is damaged, lost or edited', async () => {
      const name = await guard(['docs'])
      for (const text of ['["x"]', '[]', 'not JSON']) {
        writeFileSync(store(name, '.backup_tags'), text)
        const opened = openStore(store())
        const [found] = readInventory(opened, noon).snapshots
        opened.close()
        expect(found?.tags).to.include('before-restore')
      }
    })

    it('delete --all of its source takes it as well, unless it holds others', async () => {
      mkdirSync(path('etc'))
      const first = await snapshot()
      const name = await guard(['docs'])
      const sources = ['docs', 'etc'].map((one) => ({name: one, path: path(one)}))
      const both = await guard(['docs', 'etc'], [], {sources})
      const {removal} = await deleteSnapshots({
        ...{storeDir: store(), snapshots: [], all: true, allowLast: false},
        ...{dryRun: false, force: false, host: null, filters: {source: 'docs'}, zone, signal},
        clock: () => daysLater(1),
        emit: () => Promise.resolve(),
      })
      expect(removal.names).to.deep.equal([first, name])
      expect(shown()).to.deep.equal([both])
    })

    it('delete takes it without --allow-last, and does not count it', async () => {
      const first = await snapshot()
      const name = await guard(['docs'])
      const remove = (one: string) =>
        deleteSnapshots({
          ...{storeDir: store(), snapshots: [one], all: false, allowLast: false},
          ...{dryRun: false, force: false, host: null, filters: {}, zone, signal},
          clock: () => noon,
          emit: () => Promise.resolve(),
        })
      expect((await refusal(remove(first))).code).to.equal('refused')
      expect((await remove(name)).removal.names).to.deep.equal([name])
      expect(shown()).to.deep.equal([first])
    })
  })

  describe('is refused, and leaves nothing behind,', () => {
    it('if a source cannot be read', async () => {
      const first = await snapshot()
      const sources = [
        {name: 'docs', path: docs()},
        {name: 'etc', path: path('etc')},
      ]
      const error = await refusal(guard(['docs', 'etc'], [], {sources}))
      expect(error.code).to.equal('refused')
      expect(error.message).to.equal(
        `cannot save what is there now: there is no such source: ${path('etc')}; ` +
          'nothing was restored; --no-guard restores without a way back',
      )
      const only = await refusal(guard(['etc'], [], {sources}))
      expect(only.code).to.equal('refused')
      expect(shown()).to.deep.equal([first])
    })

    it('if an entry cannot be read, unless the rules leave it out', async () => {
      await asUser(async () => {
        const first = await snapshot()
        chmodSync(docs('a', 'x'), 0)
        later(() => chmodSync(docs('a', 'x'), 0o700))
        const error = await refusal(guard(['docs']))
        expect(error.code).to.equal('refused')
        expect(error.message).to.equal(
          'cannot save what is there now: 1 entry could not be read, first docs/a/x: permission ' +
            'denied (EACCES) (-e PATTERN leaves alone what matches); nothing was restored; ' +
            '--no-guard restores without a way back',
        )
        expect(shown()).to.deep.equal([first])
        expect(await guard(['docs/b']), 'the control').to.be.a('string')
        const flags = {'exclude-caches': false, 'one-file-system': false}
        const selection = selectionFrom({...flags, exclude: '/a/x'})
        expect(await guard(['docs'], [], {selection})).to.be.a('string')
      })
    })

    it('if an entry cannot be read when it is copied', async () => {
      await asUser(async () => {
        const first = await snapshot()
        writeFileSync(docs('secret'), 'x', {mode: 0})
        const error = await refusal(guard(['docs']))
        expect(error.code).to.equal('refused')
        expect(error.message).to.include('first docs/secret: permission denied (EACCES)')
        expect(shown()).to.deep.equal([first])
      })
    })

    it('if the store is full (needs root)', async function () {
      if (!isRoot) this.skip()
      sh('mount', '-t', 'tmpfs', '-o', 'size=1m,mode=700', 'none', store())
      later(() => sh('umount', store()))
      const first = await snapshot()
      writeFileSync(docs('big'), 'x'.repeat(2_000_000))
      const error = await refusal(guard(['docs']))
      expect(error.code).to.equal('refused')
      expect(error.message).to.match(
        /^cannot save what is there now: no room in .*nothing was restored; --no-guard restores/,
      )
      expect(shown()).to.deep.equal([first])
      expect(await guard(['docs/a']), 'the control').to.be.a('string')
    })

    it('if the store is read-only (needs root)', async function () {
      if (!isRoot) this.skip()
      sh('mount', '-t', 'tmpfs', '-o', 'size=1m,mode=700', 'none', store())
      later(() => sh('umount', store()))
      const first = await snapshot()
      sh('mount', '-o', 'remount,ro', store())
      const error = await refusal(guard(['docs']))
      expect(error.code).to.equal('refused')
      expect(error.message).to.match(
        /^cannot save .* now: the store is read-only \(EROFS\); nothing was restored; --no-guard restores/,
      )
      expect(shown()).to.deep.equal([first])
    })

    it('but as always if another run holds the lock', async () => {
      await snapshot()
      writeFileSync(store('.backups_lock'), `${process.ppid}\n`)
      const error = await refusal(guard(['docs']))
      expect(error.code).to.equal('locked')
      rmSync(store('.backups_lock'))
      expect(shown()).to.have.length(1)
    })

    it('if the user interrupts it, with the code of the signal', async () => {
      const first = await snapshot()
      const stop = new AbortController()
      const emit: GuardOptions['emit'] = (event) => {
        const isLate = event.event === 'phase' && event.phase === 'save'
        if (isLate) stop.abort(new CuraError('interrupted', 'stopped'))
        return Promise.resolve()
      }
      python(docs(), "for i in range(20000): open('many%d' % i, 'w').write('x')")
      const error = await refusal(guard(['docs'], [], {signal: stop.signal, emit}))
      expect(error.code).to.equal('interrupted')
      expect(shown()).to.deep.equal([first])
    })
  })
})
