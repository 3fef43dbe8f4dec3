// Stores without a working syncfs: every new file is synced before the rename. Uses real FUSE
// filesystems.
import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {inventory} from './inventory.js'
import {program, runProgram} from './programs.js'
import {trace, type Call} from './traces.js'
import {isRoot, python, sh, workshop} from './workshop.js'
import {storedIn} from '../support/stored.js'

const tree = `
for n in range(20):
    os.makedirs('d%d/s' % (n % 4), exist_ok=True)
    open('d%d/s/f%d' % (n % 4, n), 'w').write(str(n))
os.link('d1/s/f1', 'twin')
os.symlink('nowhere', 'link')
`

describe('durable', () => {
  const {docs, store, path, later} = workshop()
  const fuse = (...names: string[]): string => path('fuse', ...names)

  before(function () {
    if (!isRoot || !existsSync('/usr/bin/bindfs')) this.skip()
  })

  beforeEach(() => {
    mkdirSync(fuse())
    sh('bindfs', store(), fuse())
    later(() => sh('umount', fuse()))
    python(docs(), tree)
  })

  const backUp = (at: string, ...more: string[]): Call[] =>
    trace(path('trace'), [process.execPath, program, '-b', at, docs(), ...more])

  /** New files and directories of the newest snapshot that were not synced before its rename. */
  function unsynced(calls: readonly Call[], at: string): string[] {
    const newest = storedIn(at).sort().at(-1) ?? ''
    const end = calls.findIndex(({name, line}) => name === 'renameat2' && line.includes(newest))
    expect(end, 'the rename').to.be.above(0)
    const partial = `${at}/.partial-${newest}`
    const synced = new Set(
      calls
        .slice(0, end)
        .filter(({name}) => name === 'fsync')
        .flatMap(({paths}) => paths)
        .map((name) => name.replace(partial, '')),
    )
    const {stdout} = {stdout: sh('find', `${at}/${newest}`, '-type', 'f', '-o', '-type', 'd')}
    return stdout
      .trim()
      .split('\n')
      .map((name) => name.replace(`${at}/${newest}`, ''))
      .filter((name) => !synced.has(name))
  }

  /** Each of these inodes must be synced by one of its names. */
  const byInode = (at: string, names: readonly string[]): string[] => {
    const newest = storedIn(at).sort().at(-1) ?? ''
    const inode = (name: string): string => sh('stat', '-c', '%i', `${at}/${newest}${name}`)
    const all = sh('find', `${at}/${newest}`, '-printf', '%P\n').trim().split('\n')
    const missing = new Set(names)
    const fine = new Set(
      all
        .map((name) => `/${name}`)
        .filter((name) => !missing.has(name))
        .map(inode),
    )
    return names.filter((name) => name !== '' && !fine.has(inode(name)))
  }

  it('every new file and directory is synced before a first snapshot appears (slow)', () => {
    const left = unsynced(backUp(fuse()), fuse())
    expect(left, 'the top itself').not.to.include('')
    expect(byInode(fuse(), left)).to.deep.equal([])
    sh('rm', '-rf', store(storedIn(store())[0] ?? 'none'))
    const control = unsynced(backUp(store()), store())
    expect(control.length, 'the control').to.be.above(20)
  })

  it('a later snapshot syncs its new files and all directories, but no linked files (slow)', () => {
    expect(runProgram(['-b', fuse(), docs()])).to.include({exit: 0})
    writeFileSync(docs('d1', 'new'), 'new')
    const calls = backUp(fuse())
    const left = unsynced(calls, fuse())
    const newest = storedIn(fuse()).sort().at(-1) ?? ''
    const linked = left.filter((name) => /\/f\d+$|\/twin$/.test(name))
    expect(linked).to.have.lengthOf(21)
    expect(
      byInode(
        fuse(),
        left.filter((name) => !linked.includes(name)),
      ),
    ).to.deep.equal([])
    expect(calls.some(({name, paths}) => name === 'fsync' && paths[0]?.endsWith('/d1/new'))).to.be
      .true
    expect(readdirSync(fuse(newest, '.backup_delta', 'docs', 'd1'))).to.deep.equal(['new'])
  })

  it('files made by rsync are synced as well (slow)', () => {
    const left = unsynced(backUp(fuse(), '--external-rsync'), fuse())
    expect(byInode(fuse(), left)).to.deep.equal([])
  })

  it('publishes nothing if one of them cannot be synced (slow)', () => {
    for (const place of [1, 2, 4]) {
      const inject = ['-e', 'trace=fsync', '-e', `inject=fsync:error=EIO:when=${place}+`]
      const under = ['strace', '-f', '-qq', '-o', path('trace'), ...inject]
      const {exit, err} = runProgram(['-b', fuse(), docs()], {under})
      expect(exit, err).to.equal(1)
      expect(err).to.match(/fsync .*\(EIO\); no snapshot was made/)
      // FUSE keeps an open lock under this name until its process ends.
      const left = storedIn(store()).filter((name) => !name.startsWith('.fuse_hidden'))
      expect(left).to.deep.equal([])
    }
    expect(runProgram(['-b', fuse(), docs()]), 'the control').to.include({exit: 0})
    expect(inventory(fuse(storedIn(fuse())[0] ?? '', 'docs')).length).to.be.above(20)
  })
})
