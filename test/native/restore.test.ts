// The native restore: what it touches, what it leaves, and what it does when things go wrong.
import {
  chmodSync,
  existsSync,
  linkSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import type {NativeError} from '../../src/native/native.js'
import {inventory} from './inventory.js'
import {contents, path as pathTo, restoreNow} from './restores.js'
import {isRoot, sh, settle, workshop} from './workshop.js'

const codeOf = (error: unknown): string => (error as NativeError).code

async function failureOf(work: Promise<unknown>): Promise<string> {
  return work.then(() => 'done', codeOf)
}

const namesIn = (directory: string): string[] => readdirSync(directory).sort()
const leftovers = (directory: string): string[] =>
  inventory(directory).flatMap(({path}) => (path.includes('.cura-restore-') ? [path] : []))

describe('native restore', () => {
  const {path, store, docs, snapshot, later} = workshop()
  const inPlace = (name: string) => ({snapshot: name, operands: [contents('docs', docs())]})

  it('touches nothing beside a file, not even the time of its directory', async () => {
    writeFileSync(docs('letter'), 'old')
    writeFileSync(docs('other'), 'old')
    const name = await snapshot()
    writeFileSync(docs('letter'), 'newer')
    writeFileSync(docs('other'), 'newer')
    utimesSync(docs(), 5, 5)
    const {changes} = await restoreNow(store(), {
      snapshot: name,
      operands: [pathTo('docs', 'letter', docs())],
    })
    expect(changes).to.deep.equal(['updated docs/letter'])
    expect(readFileSync(docs('letter'), 'utf8')).to.equal('old')
    expect(readFileSync(docs('other'), 'utf8')).to.equal('newer')
    expect(statSync(docs()).mtimeMs).to.equal(5000)
  })

  it('restores a source that is a file to its own name', async () => {
    writeFileSync(path('fstab'), 'old')
    const name = await snapshot({operands: [`table=${path('fstab')}`]})
    writeFileSync(path('fstab'), 'other')
    const operand = {...pathTo('', 'table', path()), name: Buffer.from('fstab')}
    const {changes} = await restoreNow(store(), {snapshot: name, operands: [operand]})
    expect(changes).to.deep.equal(['updated table'])
    expect(readFileSync(path('fstab'), 'utf8')).to.equal('old')
    expect(existsSync(path('table'))).to.equal(false)
  })

  it('makes missing directories on the way to a file, with their metadata', async () => {
    mkdirSync(docs('a/b'), {recursive: true})
    writeFileSync(docs('a/b/file'), '1')
    writeFileSync(docs('a/beside'), '1')
    chmodSync(docs('a'), 0o750)
    const name = await snapshot()
    rmSync(docs('a'), {recursive: true})
    const {changes, plan} = await restoreNow(store(), {
      snapshot: name,
      operands: [pathTo('docs', 'a/b/file', docs())],
    })
    expect(changes).to.deep.equal([
      'restored docs/a',
      'restored docs/a/b',
      'restored docs/a/b/file',
    ])
    expect(plan.restored).to.equal(3)
    expect(namesIn(docs('a'))).to.deep.equal(['b'])
    expect(statSync(docs('a')).mode & 0o777).to.equal(0o750)
  })

  it('says what the snapshot does not have, and deletes it if asked to', async () => {
    const name = await snapshot()
    mkdirSync(docs('new'))
    writeFileSync(docs('new/file'), '1')
    const operands = [pathTo('docs', 'new', docs()), pathTo('docs', 'never/was', docs())]
    const kept = await restoreNow(store(), {snapshot: name, operands, deletes: false})
    expect(kept.plan.operands.map(({isStored}) => isStored)).to.deep.equal([false, false])
    expect(existsSync(docs('new/file'))).to.equal(true)
    const {changes} = await restoreNow(store(), {snapshot: name, operands})
    expect(changes).to.deep.equal(['deleted docs/new', 'deleted docs/new/file'])
    expect(namesIn(docs())).to.deep.equal([])
  })

  it('joins link groups across operands, and with names that stayed', async () => {
    for (const each of ['a', 'b']) mkdirSync(docs(each))
    writeFileSync(docs('a/one'), 'shared')
    linkSync(docs('a/one'), docs('b/two'))
    linkSync(docs('a/one'), docs('b/three'))
    const name = await snapshot()
    rmSync(docs('a/one'))
    rmSync(docs('b/two'))
    const operands = [pathTo('docs', 'a', docs()), pathTo('docs', 'b', docs())]
    await restoreNow(store(), {snapshot: name, operands})
    const inodes = ['a/one', 'b/two', 'b/three'].map((each) => statSync(docs(each)).ino)
    expect(new Set(inodes).size).to.equal(1)
  })

  it('never links to the store', async () => {
    writeFileSync(docs('file'), '1')
    const name = await snapshot()
    rmSync(docs('file'))
    await restoreNow(store(), inPlace(name))
    expect(statSync(docs('file')).ino).not.to.equal(statSync(store(name, 'docs/file')).ino)
    expect(statSync(docs('file')).nlink).to.equal(1)
  })

  it('leaves what changed after it looked', async () => {
    for (const each of ['changed', 'gone', 'extra']) writeFileSync(docs(each), 'old')
    const name = await snapshot()
    rmSync(docs('gone'))
    writeFileSync(docs('changed'), 'new')
    writeFileSync(docs('later'), 'doomed')
    const {done} = await restoreNow(store(), inPlace(name), () => {
      writeFileSync(docs('changed'), 'newest!')
      writeFileSync(docs('gone'), 'back again')
      writeFileSync(docs('later'), 'not doomed any more')
    })
    const failed = done.failures.list.map(({code, path: at}) => `${code} ${at.toString()}`)
    expect(failed.sort()).to.deep.equal([
      'CHANGED docs/changed',
      'CHANGED docs/gone',
      'CHANGED docs/later',
    ])
    expect(readFileSync(docs('changed'), 'utf8')).to.equal('newest!')
    expect(readFileSync(docs('gone'), 'utf8')).to.equal('back again')
    expect(existsSync(docs('later'))).to.equal(true)
    expect(leftovers(docs())).to.deep.equal([])
  })

  it('deletes nothing in a directory that somebody filled meanwhile', async () => {
    const name = await snapshot()
    mkdirSync(docs('doomed'))
    const {done} = await restoreNow(store(), inPlace(name), () => {
      writeFileSync(docs('doomed/precious'), '1')
    })
    expect(done.failures.list.map(({code}) => code)).to.deep.equal(['EXISTS'])
    expect(existsSync(docs('doomed/precious'))).to.equal(true)
  })

  it('does not follow symlinks at the target', async () => {
    mkdirSync(docs('a'))
    writeFileSync(docs('a/file'), 'old')
    const name = await snapshot()
    mkdirSync(path('outside'))
    writeFileSync(path('outside/file'), 'mine')
    rmSync(docs('a'), {recursive: true})
    symlinkSync(path('outside'), docs('a'))
    const {changes} = await restoreNow(store(), inPlace(name))
    expect(changes).to.deep.equal(['restored docs/a/file', 'updated docs/a'])
    expect(lstatSync(docs('a')).isDirectory()).to.equal(true)
    expect(readFileSync(path('outside/file'), 'utf8')).to.equal('mine')
    expect(namesIn(path('outside'))).to.deep.equal(['file'])
  })

  it('refuses a path through a symlink of another user (needs root)', async function () {
    if (!isRoot) this.skip()
    writeFileSync(docs('file'), '1')
    const name = await snapshot()
    mkdirSync(path('outside'))
    symlinkSync(path('outside'), path('link'))
    sh('chown', '-h', 'nobody', path('link'))
    const foreign = {snapshot: name, operands: [contents('docs', path('link/x'))]}
    expect(await failureOf(restoreNow(store(), foreign))).to.equal('FOREIGN_LINK')
    sh('chown', '-h', 'root', path('link'))
    expect(await failureOf(restoreNow(store(), foreign))).to.equal('done')
    expect(namesIn(path('outside/x'))).to.deep.equal(['file'])
  })

  it('never deletes the store, wherever it is', async () => {
    sh('mv', store(), path('aside'))
    mkdirSync(docs('in'))
    writeFileSync(docs('in/file'), '1')
    sh('mv', path('aside'), store())
    const name = await snapshot()
    renameSync(store(), docs('in/store'))
    const {done} = await restoreNow(docs('in/store'), inPlace(name))
    expect(existsSync(docs('in/store', name, 'docs/in/file'))).to.equal(true)
    expect(done.deleted).to.equal(0)
  })

  it('never deletes across mounts (needs root)', async function () {
    if (!isRoot) this.skip()
    const name = await snapshot()
    mkdirSync(docs('mount/below'), {recursive: true})
    mkdirSync(path('elsewhere'))
    writeFileSync(path('elsewhere/file'), '1')
    sh('mount', '--bind', path('elsewhere'), docs('mount/below'))
    later(() => void sh('umount', docs('mount/below')))
    const {done} = await restoreNow(store(), inPlace(name))
    expect(namesIn(path('elsewhere'))).to.deep.equal(['file'])
    const codes = done.failures.list.map(({code}) => code)
    expect(codes.sort()).to.deep.equal(['EXISTS', 'MOUNTED'])
  })

  it('keeps what may not be overwritten', async () => {
    for (const each of ['newer', 'older']) writeFileSync(docs(each), 'stored')
    await settle()
    const name = await snapshot()
    writeFileSync(docs('newer'), 'now')
    writeFileSync(docs('older'), 'now')
    utimesSync(docs('older'), 5, 5)
    const changesBy = async (overwrite: 'never' | 'if-newer') =>
      (await restoreNow(store(), {...inPlace(name), overwrite})).changes
    expect(await changesBy('never')).to.deep.equal(['kept docs/newer', 'kept docs/older'])
    expect(await changesBy('if-newer')).to.deep.equal(['kept docs/newer', 'updated docs/older'])
    expect(readFileSync(docs('newer'), 'utf8')).to.equal('now')
    expect(readFileSync(docs('older'), 'utf8')).to.equal('stored')
  })

  it('keeps the metadata of a root that is in use', async () => {
    chmodSync(docs(), 0o700)
    writeFileSync(docs('file'), '1')
    const name = await snapshot()
    mkdirSync(path('used'), {mode: 0o755})
    mkdirSync(path('empty'), {mode: 0o755})
    writeFileSync(path('used/mine'), '1')
    for (const each of ['used', 'empty']) {
      const operands = [contents('docs', path(each), true)]
      await restoreNow(store(), {snapshot: name, operands, deletes: false})
    }
    expect(statSync(path('used')).mode & 0o777).to.equal(0o755)
    expect(statSync(path('empty')).mode & 0o777).to.equal(0o700)
  })

  it('removes what a killed restore left behind', async () => {
    mkdirSync(docs('a'))
    writeFileSync(docs('a/file'), '1')
    const name = await snapshot()
    const dead = '.cura-restore-4194999-1'
    for (const each of ['a', '.']) {
      mkdirSync(docs(each, dead))
      writeFileSync(docs(each, dead, 'half'), '1')
    }
    mkdirSync(docs('a/.cura-restore-mine'))
    await restoreNow(store(), {
      snapshot: name,
      operands: [pathTo('docs', 'a', docs())],
      deletes: false,
    })
    expect(namesIn(docs('a'))).to.deep.equal(['.cura-restore-mine', 'file'])
    expect(namesIn(docs())).to.deep.equal(['a'])
    // The names of a process that runs are in use.
    mkdirSync(docs('a', `.cura-restore-${process.pid}-1`))
    await restoreNow(store(), inPlace(name))
    expect(namesIn(docs('a'))).to.deep.equal([`.cura-restore-${process.pid}-1`, 'file'])
  })

  it('restores another good copy of a damaged file, or none', async () => {
    writeFileSync(docs('file'), 'content')
    writeFileSync(docs('twin'), 'content')
    writeFileSync(docs('lonely'), 'nothing like it')
    const name = await snapshot()
    const damage = (file: string) => {
      const {atime, mtime} = statSync(store(name, 'docs', file))
      sh(
        'sh',
        '-c',
        'printf X | dd of="$1" conv=notrunc status=none',
        '-',
        store(name, 'docs', file),
      )
      utimesSync(store(name, 'docs', file), atime, mtime)
    }
    damage('file')
    damage('lonely')
    rmSync(docs(), {recursive: true})
    const {done} = await restoreNow(store(), inPlace(name))
    expect(readFileSync(docs('file'), 'utf8')).to.equal('content')
    expect(existsSync(docs('lonely'))).to.equal(false)
    const {damaged, donated, verified} = done
    expect({damaged, donated, verified}).to.deep.equal({damaged: 1, donated: 1, verified: 2})
    expect(done.failures.list.map(({code, path: at}) => `${code} ${at.toString()}`)).to.deep.equal([
      'DAMAGED docs/lonely',
    ])
    truncateSync(store(name, 'docs/twin'), 3)
    rmSync(docs('twin'))
    rmSync(docs('file'))
    const second = await restoreNow(store(), inPlace(name))
    expect(second.done.damaged).to.equal(3)
    expect(namesIn(docs())).to.deep.equal([])
  })

  it('finds the good copy in another snapshot', async () => {
    writeFileSync(docs('file'), 'content')
    const first = await snapshot()
    chmodSync(docs('file'), 0o600)
    const second = await snapshot()
    writeFileSync(store(second, 'docs/file'), 'damaged')
    rmSync(docs('file'))
    const {done} = await restoreNow(store(), {...inPlace(second), donors: [first]})
    expect(done.donated).to.equal(1)
    expect(readFileSync(docs('file'), 'utf8')).to.equal('content')
    expect(statSync(docs('file')).mode & 0o777).to.equal(0o600)
  })

  it('leaves everything whole on a full disk (needs root)', async function () {
    if (!isRoot) this.skip()
    mkdirSync(path('small'))
    sh('mount', '-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', path('small'))
    later(() => void sh('umount', path('small')))
    for (const each of ['a', 'b', 'c', 'd']) writeFileSync(docs(each), Buffer.alloc(1 << 20, each))
    const name = await snapshot()
    writeFileSync(path('small/a'), 'mine')
    writeFileSync(path('small/extra'), 'mine')
    const before = inventory(path('small'))
    const full = {snapshot: name, operands: [contents('docs', path('small'), true)]}
    expect(await failureOf(restoreNow(store(), full))).to.equal('ENOSPC')
    expect(inventory(path('small'))).to.deep.equal(before)
  })

  it('restores without a manifest, unverified', async () => {
    mkdirSync(docs('a'))
    writeFileSync(docs('a/file'), '1')
    linkSync(docs('a/file'), docs('second'))
    const name = await snapshot()
    rmSync(store(name, '.backup_manifest'))
    rmSync(docs(), {recursive: true})
    const {plan, done} = await restoreNow(store(), inPlace(name))
    expect(plan.rebuilt).to.be.a('string')
    expect([done.verified, done.unverified]).to.deep.equal([0, 1])
    expect(statSync(docs('second')).ino).to.equal(statSync(docs('a/file')).ino)
  })
})
