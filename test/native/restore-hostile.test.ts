// The native restore against other users, odd filesystems and overlapping places.
import {
  chmodSync,
  existsSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import type {NativeError} from '../../src/native/native.js'
import {contents, path as pathTo, restoreNow} from './restores.js'
import {isRoot, sh, workshop} from './workshop.js'

const codeOf = (error: unknown): string => (error as NativeError).code

describe('native restore, attacked', () => {
  const {path, store, docs, snapshot, later} = workshop()
  const inPlace = (name: string) => ({snapshot: name, operands: [contents('docs', docs())]})

  it('never touches a store that has the place of a stored directory', async () => {
    mkdirSync(docs('backups'))
    writeFileSync(docs('backups/file'), '1')
    const name = await snapshot()
    rmSync(docs('backups'), {recursive: true})
    renameSync(store(), docs('backups'))
    const {done} = await restoreNow(docs('backups'), inPlace(name))
    expect(readdirSync(docs('backups')).sort()).to.include(name)
    expect(readdirSync(docs('backups')).sort()).not.to.include('file')
    expect(done.failures.list.map(({code}) => code)).to.deep.equal(['EXISTS'])
  })

  it('never restores into the store', async () => {
    mkdirSync(docs('inner'))
    const name = await snapshot()
    const before = readdirSync(store(name)).sort()
    const given = {snapshot: name, operands: [contents('docs', store(name, 'docs'))]}
    const code = await restoreNow(store(), given).then(() => 'done', codeOf)
    expect(code).to.equal('IN_STORE')
    expect(readdirSync(store(name)).sort()).to.deep.equal(before)
  })

  it('links only to the inode that it saw', async () => {
    writeFileSync(docs('one'), 'shared')
    linkSync(docs('one'), docs('two'))
    const name = await snapshot()
    rmSync(docs('two'))
    await restoreNow(store(), inPlace(name), () => {
      writeFileSync(path('other'), 'evil')
      renameSync(path('other'), docs('one'))
    })
    expect(readFileSync(docs('two'), 'utf8')).to.equal('shared')
  })

  it('keeps a missing root private until it has its own mode', async () => {
    chmodSync(docs(), 0o700)
    mkdirSync(docs('sub'))
    for (let i = 0; i < 3; i++) writeFileSync(docs(`f${String(i)}`), Buffer.alloc(50_000_000))
    const name = await snapshot()
    rmSync(docs(), {recursive: true})
    const modes = new Set<number>()
    const timer = setInterval(() => {
      if (existsSync(docs())) modes.add(statSync(docs()).mode & 0o777)
    }, 1)
    await restoreNow(store(), inPlace(name)).finally(() => {
      clearInterval(timer)
    })
    expect([...modes]).to.deep.equal([0o700])
  })

  it('restores a directory under another name', async () => {
    mkdirSync(docs('a/b/c'), {recursive: true})
    writeFileSync(docs('a/b/c/file'), '1')
    writeFileSync(docs('a/b/other'), '1')
    const name = await snapshot()
    mkdirSync(path('new/b'), {recursive: true})
    writeFileSync(path('new/b/other'), 'x')
    const operand = {...pathTo('docs', 'a', path()), name: Buffer.from('new')}
    await restoreNow(store(), {snapshot: name, operands: [operand]})
    expect(readFileSync(path('new/b/other'), 'utf8')).to.equal('1')
    expect(existsSync(path('new/b/c/file'))).to.equal(true)
    rmSync(path('new'), {recursive: true})
    await restoreNow(store(), {snapshot: name, operands: [operand]})
    expect(existsSync(path('new/b/c/file'))).to.equal(true)
  })

  it('finds a good copy in a copied store', async () => {
    writeFileSync(docs('file'), 'content')
    const first = await snapshot()
    chmodSync(docs('file'), 0o600)
    const second = await snapshot()
    sh('cp', '-a', store(), path('copy'))
    writeFileSync(path('copy', second, 'docs/file'), 'damaged')
    rmSync(docs('file'))
    const {done} = await restoreNow(path('copy'), {...inPlace(second), donors: [first]})
    expect(done.failures.list).to.deep.equal([])
    expect(readFileSync(docs('file'), 'utf8')).to.equal('content')
  })

  it('joins a name with one that replaces a directory', async () => {
    mkdirSync(docs('z'))
    writeFileSync(docs('one'), 'shared')
    linkSync(docs('one'), docs('z/two'))
    const name = await snapshot()
    rmSync(docs('one'))
    mkdirSync(docs('one/full'), {recursive: true})
    rmSync(docs('z'), {recursive: true})
    await restoreNow(store(), inPlace(name))
    expect(statSync(docs('one')).ino).to.equal(statSync(docs('z/two')).ino)
  })

  it('makes nothing for a path that the snapshot does not have', async () => {
    const name = await snapshot()
    await restoreNow(store(), {snapshot: name, operands: [pathTo('', 'none', path('a/b'))]})
    expect(existsSync(path('a'))).to.equal(false)
  })

  it('does not restore into a directory that appears meanwhile', async () => {
    writeFileSync(docs('file'), '1')
    const name = await snapshot()
    const given = {snapshot: name, operands: [contents('docs', path('new'))]}
    const work = restoreNow(store(), given, () => void mkdirSync(path('new')))
    expect(await work.then(() => 'done', codeOf)).to.equal('CHANGED')
    expect(readdirSync(path('new'))).to.deep.equal([])
  })

  it('goes on after names that the target cannot hold (needs root)', async function () {
    if (!isRoot) this.skip()
    for (const each of ['a', 'b:c', 'case', 'CASE', 'z']) writeFileSync(docs(each), each)
    mkdirSync(docs('d?'))
    writeFileSync(docs('d?/file'), '1')
    mkdirSync(docs('e'))
    writeFileSync(docs('e/f?'), '1')
    writeFileSync(docs('e/g'), '1')
    const name = await snapshot()
    sh('truncate', '-s', '20M', path('image'))
    sh('mkfs.exfat', path('image'))
    mkdirSync(path('m'))
    const device = sh('losetup', '-f', '--show', path('image')).trim()
    later(() => void sh('losetup', '-d', device))
    sh('mount.exfat-fuse', device, path('m'))
    later(() => void sh('umount', path('m')))
    const {done} = await restoreNow(store(), {
      snapshot: name,
      operands: [contents('docs', path('m'), true)],
    })
    expect(readdirSync(path('m')).length).to.equal(4)
    expect(readdirSync(path('m'))).to.include.members(['a', 'e', 'z'])
    expect(readdirSync(path('m/e'))).to.deep.equal(['g'])
    const failed = done.failures.list.map((each) => each.path.toString().toLowerCase())
    expect(failed.sort()).to.deep.equal(['docs/b:c', 'docs/case', 'docs/d?', 'docs/e/f?'])
    expect(done.failures.errors).to.equal(4)
  })

  it('keeps right attributes that the store has lost (needs root)', async function () {
    if (!isRoot) this.skip()
    mkdirSync(docs('a'))
    sh('setfacl', '-m', 'u:daemon:rwx', docs('a'))
    writeFileSync(docs('a/file'), '1')
    const name = await snapshot()
    sh('setfacl', '-b', store(name, 'docs/a'))
    rmSync(docs('a/file'))
    await restoreNow(store(), inPlace(name))
    expect(sh('getfacl', '-cp', docs('a'))).to.include('user:daemon:rwx')
  })

  it('finds another name of a file that was lost in the store', async () => {
    writeFileSync(docs('file'), 'content')
    const first = await snapshot()
    writeFileSync(docs('other'), '1')
    const second = await snapshot()
    rmSync(store(second, 'docs/file'))
    rmSync(docs('file'))
    const {done} = await restoreNow(store(), {...inPlace(second), donors: [first]})
    expect(done.failures.list).to.deep.equal([])
    expect(readFileSync(docs('file'), 'utf8')).to.equal('content')
  })

  it('goes on without a directory that was lost in the store', async () => {
    mkdirSync(docs('a/b'), {recursive: true})
    writeFileSync(docs('a/b/file'), 'content')
    writeFileSync(docs('z'), '1')
    const first = await snapshot()
    writeFileSync(docs('other'), '1')
    const second = await snapshot()
    rmSync(store(second, 'docs/a'), {recursive: true})
    rmSync(docs(), {recursive: true})
    const lost = await restoreNow(store(), inPlace(second))
    expect(lost.done.failures.list.map(({code}) => code)).to.deep.equal(['DAMAGED'])
    expect(readdirSync(docs())).to.deep.equal(['a', 'other', 'z'])
    const found = await restoreNow(store(), {...inPlace(second), donors: [first]})
    expect(found.done.failures.list).to.deep.equal([])
    expect(readFileSync(docs('a/b/file'), 'utf8')).to.equal('content')
  })

  it('replaces a socket in the way, and leaves others', async () => {
    writeFileSync(docs('s'), 'content')
    const name = await snapshot()
    rmSync(docs('s'))
    for (const each of ['s', 'u']) {
      const code = 'import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])'
      sh('python3', '-c', code, docs(each))
    }
    const {done} = await restoreNow(store(), inPlace(name))
    expect(done.failures.list).to.deep.equal([])
    expect(readdirSync(docs())).to.deep.equal(['s', 'u'])
    expect(readFileSync(docs('s'), 'utf8')).to.equal('content')
  })
})
