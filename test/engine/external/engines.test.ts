// Backups with other programs: the results are the same, and older snapshots never change.
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import type {BackupOptions} from '../../../src/operations/backup.js'
import {backupJson} from '../../../src/report/json.js'
import {CuraError} from '../../../src/base/errors.js'
import type {Change} from '../../../src/native/native.js'
import {editTree, makeTree} from '../../support/edits.js'
import {contents, inodes, inventory, type Item} from '../../native/inventory.js'
import {expectSame} from '../../native/snapshots.js'
import {isRoot, python, sh, workshop, type Workshop} from '../../native/workshop.js'
import {writeProgram} from '../../support/programs.js'
import {listing} from '../../support/backup-options.js'
import {storedIn} from '../../support/stored.js'

type Way = Pick<BackupOptions, 'external'>
const native: Way = {external: {rsync: false, hardlink: false}}
const rsync: Way = {external: {rsync: true, hardlink: false}}
const both: Way = {external: {rsync: true, hardlink: true}}
const hardlink: Way = {external: {rsync: false, hardlink: true}}
const ways: ReadonlyArray<readonly [string, Way]> = [
  ['rsync', rsync],
  ['rsync and cp', both],
  ['cp', hardlink],
]

const pathsOf = (items: readonly Item[]): string[] => items.map(({path}) => path)

/** The error of a run that must fail. */
async function failure(run: Promise<unknown>): Promise<CuraError> {
  const error: unknown = await run.catch((reason: unknown) => reason)
  expect(error).to.be.instanceOf(CuraError)
  return error as CuraError
}

/** Makes two snapshots with edits in between; returns the second run's result as JSON. */
async function twice({backUp, docs}: Workshop, way: Way) {
  makeTree(docs())
  const first = await backUp(way)
  editTree(docs())
  const changes: Change[] = []
  const second = await backUp({...way, ...listing((page) => changes.push(...page))})
  return {first: String(first.snapshot), second, json: backupJson(second, null, null), changes}
}

describe('external programs', () => {
  const shop = workshop()
  const {docs, store, path, backUp, snapshot, newest, storeInventory} = shop
  let environment: NodeJS.ProcessEnv

  beforeEach(() => {
    environment = {...process.env}
  })
  afterEach(() => {
    process.env.PATH = environment.PATH
    delete process.env.RSYNC_ICONV
  })

  function wrap(name: string, script: string): void {
    writeProgram(path('bin'), name, script)
    process.env.PATH = `${path('bin')}:${String(environment.PATH)}`
  }

  describe('give the same result as the native engine', () => {
    let wanted: {delta: string[]; json: object; shared: string[]; listed: string[]}

    /** Names that share their inode with the same name in another snapshot. */
    function sharedWith(first: string, second: string): string[] {
      const old = inodes(inventory(store(first)))
      return [...inodes(inventory(store(second)))]
        .filter(([name, ino]) => old.get(name) === ino)
        .map(([name]) => name)
    }
    const facts = (json: object): object => {
      const {counts, errors, notes, exit, made, differs, previous} = json as Record<string, unknown>
      const apart = {changes: null, file_changes: null, directory_changes: null}
      const totals = {...(counts as object), ...apart}
      return {totals, errors, notes, exit, made, differs, previous}
    }

    // Only the native engine detects renames, and it gives a file that lost its other names a new
    // inode.
    const isSame = (file: string): boolean => !/elsewhere|broken1/.test(file)

    for (const [name, way] of [['native', native], ...ways] as const) {
      it(`by ${name}`, async () => {
        const {first, second, json, changes} = await twice(shop, way)
        const before = inventory(store(first))
        const made = String(second.snapshot)
        expectSame(docs(), store(made, 'docs'))
        const found = {
          delta: pathsOf(inventory(store(made, '.backup_delta'))),
          json: facts(json),
          shared: sharedWith(first, made).filter((file) => !file.startsWith('.backup_delta')),
          listed: changes
            .map((change) => `${change.type} ${change.path.toString('latin1')}`)
            .sort(),
        }
        if (way === native) {
          wanted = found
          return
        }
        expect(found.delta.filter(isSame)).to.deep.equal(wanted.delta.filter(isSame))
        expect(found.json).to.deep.equal(wanted.json)
        expect(found.shared.filter(isSame)).to.deep.equal(wanted.shared.filter(isSame))
        expect(found.shared).to.include.members(['docs/same/a', 'docs/groups/kept1'])
        expect(inventory(store(first)), 'the first one').to.deep.equal(before)
        expect(storedIn(store()).sort()).to.deep.equal([first, made])
      })
    }
  })

  for (const [name, way] of ways) {
    it(`leave every inode of the older snapshot unchanged: ${name}`, async () => {
      makeTree(docs())
      const first = await snapshot(way)
      const before = inventory(store(first))
      editTree(docs())
      await snapshot(way)
      expect(inventory(store(first))).to.deep.equal(before)
    })

    it(`make no snapshot without changes, whatever made the previous one: ${name}`, async () => {
      makeTree(docs())
      for (const [one, other] of [
        [native, way],
        [way, native],
        [way, way],
      ] as const) {
        writeFileSync(docs('edit', 'content'), `${Math.random()}`)
        await snapshot(one)
        const inStore = () => storeInventory().filter(({path}) => path !== '.backup_proofs')
        const before = inStore()
        expect(await backUp(other)).to.include({snapshot: null, differs: false, exit: 0})
        expect(inStore()).to.deep.equal(before)
      }
    })

    it(`change nothing in a dry run, and report what a run would do: ${name}`, async () => {
      makeTree(docs())
      await snapshot(way)
      editTree(docs())
      const before = storeInventory()
      const dry = await backUp({...way, dryRun: true})
      expect(dry).to.include({snapshot: null, differs: true, exit: 0})
      expect(storeInventory()).to.deep.equal(before)
      const real = await backUp(way)
      expect(real.changes).to.deep.equal(dry.changes)
      expect(real.totals).to.deep.equal(dry.totals)
    })
  }

  it('would change the older snapshot without these measures (the control)', () => {
    makeTree(docs())
    sh('cp', '-a', docs(), path('first'))
    sh('cp', '-al', path('first'), path('second'))
    const before = inventory(path('first'))
    chmodSync(docs('edit', 'mode'), 0o600)
    sh('rsync', '-aHAX', '--delete', `${docs()}/`, `${path('second')}/`)
    expect(inventory(path('first'))).not.to.deep.equal(before)
  })

  it('leave it unchanged if a source changes between the two runs of rsync', async () => {
    makeTree(docs())
    const first = await snapshot(rsync)
    const before = inventory(store(first))
    writeFileSync(docs('edit', 'content'), 'a reason')
    wrap(
      'rsync',
      `case "$*" in *--ignore-existing*)
  (cd ${docs()}
  chmod 600 same/a; echo more >> same/deep/er/b; ln -sfn other same/link; rm -r gone; mkdir gone
  chmod 700 same/deep; rm file-to-dir; mkdir file-to-dir; rm -r dir-to-file; echo > dir-to-file
  ln -f same/a groups/kept1; echo > late);;
esac
exec "$REAL" "$@"`,
    )
    const second = await snapshot(rsync)
    expect(inventory(store(first))).to.deep.equal(before)
    expect(readFileSync(store(second, 'docs', 'edit', 'content'), 'utf8')).to.equal('a reason')
    process.env.PATH = environment.PATH
    expectSame(docs(), store(await snapshot(rsync), 'docs'))
    expect(inventory(store(first))).to.deep.equal(before)
  })

  it('refuse a source that becomes empty between the two runs', async () => {
    makeTree(docs())
    const first = await snapshot(rsync)
    writeFileSync(docs('more'), '')
    wrap(
      'rsync',
      `case "$*" in *--ignore-existing*) mv ${docs()} ${path('x')}; mkdir ${docs()};; esac\nexec "$REAL" "$@"`,
    )
    expect((await failure(backUp(rsync))).message).to.match(/became empty during the run/)
    expect(storedIn(store())).to.deep.equal([first])
  })

  it('refuse a source that was emptied, unless --allow-empty is given', async () => {
    makeTree(docs())
    const first = await snapshot(rsync)
    rmSync(docs(), {recursive: true})
    mkdirSync(docs())
    for (const [, way] of ways) {
      expect((await failure(backUp(way))).message).to.match(/is empty now, but had \d+ entries/)
    }
    expect(storedIn(store())).to.deep.equal([first])
    const emptied = await backUp({...rsync, allowEmpty: true})
    expect(readdirSync(store(String(emptied.snapshot), 'docs'))).to.deep.equal([])
  })

  for (const [name, way] of ways) {
    it(`accept files, several sources and chosen names: ${name}`, async () => {
      makeTree(docs())
      writeFileSync(path('file'), '1')
      symlinkSync('file', path('link'))
      mkdirSync(path('odd=name'))
      const operands = [docs(), path('file'), `other=${path('link')}`, `n*me=${path('odd=name')}/`]
      const first = await snapshot({...way, operands})
      expect(readdirSync(store(first)).sort()).to.include.members(['docs', 'file', 'n*me', 'other'])
      expect(readFileSync(store(first, 'other'), 'utf8')).to.equal('1')
      expect(await backUp({...way, operands})).to.include({differs: false})
      const before = inventory(store(first))
      writeFileSync(path('file'), '22')
      chmodSync(path('file'), 0o600)
      const second = await snapshot({...way, operands})
      for (const copy of ['file', 'other']) {
        expect(readFileSync(store(second, copy), 'utf8')).to.equal('22')
        expect(statSync(store(second, copy)).mode & 0o777).to.equal(0o600)
      }
      expect(inventory(store(first))).to.deep.equal(before)
    })
  }

  it('notice that a source became a file or got another name', async () => {
    makeTree(docs())
    await snapshot(rsync)
    renameSync(docs(), path('moved'))
    writeFileSync(docs(), 'a file')
    const file = await snapshot(rsync)
    expect(readFileSync(store(file, 'docs'), 'utf8')).to.equal('a file')
    const named = await snapshot({...rsync, operands: [`docs=${path('moved')}`]})
    expectSame(path('moved'), store(named, 'docs'))
    const other = await backUp({...rsync, operands: [path('moved')]})
    expect(other.changes).to.include({deleted: 0}) // docs is not a source of this run
    expect(readdirSync(store(String(other.snapshot)))).not.to.include('docs')
  })

  for (const inside of ['backups', 'a*b[c]?', 'back\\slash', 'b\\s*']) {
    it(`exclude a store inside the source: ${inside}`, async () => {
      makeTree(docs())
      const storeDir = docs('same', inside)
      mkdirSync(storeDir, {mode: 0o700})
      mkdirSync(docs('same', 'aXb'))
      const results = []
      for (const way of [rsync, native]) results.push(await backUp({...way, storeDir}))
      const [result, again] = results
      expect(result?.notes.map(({kind, path: at}) => `${kind} ${String(at)}`)).to.deep.equal([
        `store docs/same/${inside}`,
      ])
      expect(again?.differs, 'its own growth is no change').to.be.false
      expect(again?.notes).to.deep.equal(result?.notes)
      const made = join(storeDir, String(result?.snapshot), 'docs', 'same')
      expect(readdirSync(made)).to.include('aXb').and.not.to.include(inside)
    })
  }

  it('copy names at the top of a source that rsync would read as comments (slow)', async () => {
    const names = ['#a#', ';b', '#dir', '#dir/#c', ';']
    const write = (text: string): void => {
      mkdirSync(docs('#dir'), {recursive: true})
      for (const name of names.filter((one) => one !== '#dir')) writeFileSync(docs(name), text)
    }
    for (const way of [rsync, both]) {
      for (const text of ['1', '22', '333']) {
        write(text.repeat(way === rsync ? 1 : 4))
        expectSame(docs(), store(await snapshot(way), 'docs'))
      }
    }
  })

  it('keep holes, and the attributes in which rsync --fake-super stores metadata', async () => {
    makeTree(docs())
    sh('truncate', '-s', '64M', docs('hollow'))
    sh('setfattr', '-n', 'user.rsync.%stat', '-v', '100644 0,0 7:7', docs('same', 'a'))
    const made = await snapshot(rsync)
    expect(statSync(store(made, 'docs', 'hollow')).blocks).to.be.below(1000)
    expect(
      inventory(store(made)).find(({path: at}) => at === 'docs/same/a')?.xattrs,
    ).to.have.property('user.rsync.%stat')
    for (const way of [rsync, native]) expect(await backUp(way)).to.include({differs: false})
  })

  it('keep names as bytes, whatever charset conversion rsync is set to', async () => {
    makeTree(docs())
    writeFileSync(docs('\u00e9'), '')
    process.env.RSYNC_ICONV = 'UTF-8,ISO-8859-1'
    const made = await snapshot(rsync)
    delete process.env.RSYNC_ICONV
    expectSame(docs(), store(made, 'docs'))
  })

  it('let a later native run find changed attributes (needs root)', async function () {
    if (!isRoot) this.skip()
    for (const way of [rsync, both]) {
      makeTree(docs())
      const first = await snapshot(way)
      const before = inventory(store(first))
      for (const at of ['same/a', 'same/deep', 'groups/kept1']) {
        sh('setfattr', '-n', 'user.late', '-v', '1', docs(at))
      }
      expectSame(docs(), store(await snapshot(native), 'docs'))
      expect(inventory(store(first))).to.deep.equal(before)
      sh('rm', '-r', docs())
      mkdirSync(docs())
      sh('rm', '-r', ...storedIn(store()).map((name) => store(name)))
    }
  })

  it('replace a directory with another name of a file (slow)', async () => {
    makeTree(docs())
    mkdirSync(docs('m', 'x'), {recursive: true})
    writeFileSync(docs('m', 'x', 'y'), 'y')
    await snapshot(rsync)
    python(
      docs(),
      "import shutil\nfor n in ['empty', 'same/deep', 'm/x']: shutil.rmtree(n); os.link('groups/kept1', n)",
    )
    for (const way of [rsync, both]) {
      expectSame(docs(), store(await snapshot(way), 'docs'))
      python(docs(), "for n in ['empty', 'm/x']: os.unlink(n); os.mkdir(n)")
      await snapshot(rsync)
      python(docs(), "for n in ['empty', 'm/x']: os.rmdir(n); os.link('groups/grown1', n)")
    }
  })

  it('do not keep an entry that a socket replaced', async () => {
    makeTree(docs())
    const first = await snapshot(rsync)
    const before = inventory(store(first))
    python(
      docs(),
      "for n in ['same/a', 'same/link']: os.unlink(n); socket.socket(socket.AF_UNIX).bind(n)\nos.rmdir('empty'); socket.socket(socket.AF_UNIX).bind('empty')",
    )
    const second = await backUp(rsync)
    expect(second.changes).to.include({deleted: 3, new: 0})
    const made = String(second.snapshot)
    expect(readdirSync(store(made, 'docs', 'same'))).not.to.include.members(['a', 'link'])
    expect(readdirSync(store(made, 'docs'))).not.to.include('empty')
    expect(inventory(store(first))).to.deep.equal(before)
    expect(await backUp(rsync)).to.include({differs: false})
    expect(await backUp(native)).to.include({differs: false})
  })

  it("count a file's bytes on disk without its holes", async () => {
    sh('truncate', '-s', '10T', docs('sparse'))
    const {shortage} = await backUp({dryRun: true, external: {rsync: true, hardlink: false}})
    expect(shortage).to.equal(null)
  })

  it('skip sockets, and make no snapshot because of them', async () => {
    makeTree(docs())
    python(docs('same'), "socket.socket(socket.AF_UNIX).bind('s')")
    const first = await backUp(rsync)
    expect(first.notes.map(({kind, count}) => `${kind} ${count}`)).to.deep.equal(['socket 1'])
    expect(readdirSync(store(String(first.snapshot), 'docs', 'same'))).not.to.include('s')
    expect(await backUp(rsync)).to.include({differs: false})
  })

  for (const [name, way] of [['native', native], ...ways] as const) {
    it(`link against a snapshot of the Python tool: ${name}`, async () => {
      makeTree(docs())
      const old = '20240115_103000'
      sh('cp', '-a', docs(), path('copy'))
      mkdirSync(store(old))
      renameSync(path('copy'), store(old, 'docs'))
      writeFileSync(store(old, `.backup_finished_${old}`), '')
      expect(await backUp(way)).to.include({differs: false, previous: old})
      const before = inventory(store(old))
      editTree(docs())
      // Without a manifest the native engine knows no ctimes that would reveal these changes.
      for (const name of ['xattr', 'acl']) writeFileSync(docs('edit', name), 'and its content')
      const made = await snapshot(way)
      expectSame(docs(), store(made, 'docs'))
      const same = 'docs/same/a'
      expect(statSync(store(made, same)).ino).to.equal(statSync(store(old, same)).ino)
      expect(contents(inventory(store(old)))).to.deep.equal(contents(before))
    })
  }

  it('name the newest snapshot as the previous one, and leave nothing else behind', async () => {
    makeTree(docs())
    const first = await snapshot(hardlink)
    writeFileSync(docs('new'), '')
    expect(await backUp(hardlink)).to.include({previous: first})
    expect(readFileSync(store(newest(), '.backup_finished'), 'utf8')).to.include(
      `"previous": "${first}"`,
    )
    expect(storedIn(store())).to.have.lengthOf(2)
  })

  it('are called', async () => {
    makeTree(docs())
    for (const name of ['cp', 'rsync'])
      wrap(name, `echo "${name} $*" >> ${path('calls')}\nexec "$REAL" "$@"`)
    const first = await snapshot(both)
    writeFileSync(docs('new'), '')
    const second = await snapshot(both)
    writeFileSync(docs('new'), 'x')
    const third = await snapshot(hardlink)
    const calls = readFileSync(path('calls'), 'utf8').split('\n')
    expect(calls.filter((call) => call.startsWith('cp'))).to.deep.equal([
      `cp -al -- ./${first}/docs ./.partial-${second}/docs`,
      `cp -al -- ./${second} ./.trash-${third}`,
    ])
    const stages = calls.map((call) => /^rsync -?(-n|-from0|-d) /.exec(call)?.[1])
    expect(stages.filter((stage) => stage !== undefined)).to.deep.equal([
      ...['-n', '-from0', '-d'], // the comparison, what differs, the top
      ...['-n', '-from0', '-d'],
    ])
  })

  it('are not called without their flags', async () => {
    for (const name of ['cp', 'rsync']) wrap(name, 'exit 99')
    makeTree(docs())
    await snapshot()
  })
})
