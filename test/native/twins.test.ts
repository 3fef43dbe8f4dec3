// Inodes that a walk sees more often than they have names, and files that only look like one inode.
import {expect} from 'chai'
import {existsSync, linkSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {inodes, inventories} from './inventory.js'
import {runProgram} from './programs.js'
import {isRoot, settle, sh, workshop} from './workshop.js'

describe('twins', () => {
  const {docs, path, store, newest, later, snapshot} = workshop()

  const ino = (...names: string[]): number => statSync(store(newest(), ...names)).ino

  it('stay one inode if a bind mount shows them twice (needs root)', async function () {
    if (!isRoot) this.skip()
    for (const name of ['real', 'alias']) mkdirSync(docs(name))
    writeFileSync(docs('real', 'a'), 'a')
    linkSync(docs('real', 'a'), docs('real', 'b'))
    await settle()
    await snapshot()
    sh('mount', '--bind', docs('real'), docs('alias'))
    later(() => sh('umount', docs('alias')))
    await snapshot()
    const found = ['real/a', 'real/b', 'alias/a', 'alias/b'].map((name) => ino('docs', name))
    expect(new Set(found).size).to.equal(1)
  })

  it('stay one inode if one source lies in another', async () => {
    mkdirSync(docs('in'))
    writeFileSync(docs('in', 'a'), 'a')
    linkSync(docs('in', 'a'), docs('in', 'b'))
    await settle()
    await snapshot()
    await snapshot({operands: [docs(), docs('in')]})
    const found = ['docs/in/a', 'docs/in/b', 'in/a', 'in/b'].map((name) => ino(name))
    expect(new Set(found).size).to.equal(1)
  })

  it('never become one inode if the contents differ, whatever their inode number (needs root and mergerfs)', function () {
    if (!isRoot || !existsSync('/usr/bin/mergerfs')) this.skip()
    const parts = ['one', 'two'].map((name) => path(name))
    for (const [at, part] of parts.entries()) {
      mkdirSync(part)
      sh('mount', '-t', 'tmpfs', 'cura-test', part)
      later(() => sh('umount', part))
      mkdirSync(`${part}/src`)
      writeFileSync(`${part}/src/f${at}`, `part ${at}`)
      linkSync(`${part}/src/f${at}`, `${part}/src/g${at}`)
      sh('touch', '-d', '@1700000000', `${part}/src/f${at}`)
    }
    mkdirSync(path('pool'))
    const options = 'minfreespace=0,use_ino,inodecalc=passthrough,cache.files=off'
    sh('mergerfs', '-o', options, parts.join(':'), path('pool'))
    later(() => sh('umount', path('pool')))
    const pool = (...names: string[]): string => path('pool', 'src', ...names)
    expect(statSync(pool('f0')).ino, 'the scene').to.equal(statSync(pool('f1')).ino)
    for (const edit of ['', 'once more']) {
      writeFileSync(path('pool', 'src', 'edit'), edit)
      expect(runProgram(['-b', store(), pool()]).exit).to.equal(0)
      for (const name of ['f0', 'g0', 'f1', 'g1']) {
        const stored = readFileSync(store(newest(), 'src', name), 'utf8')
        expect(stored, name).to.equal(readFileSync(pool(name), 'utf8'))
      }
      const [found = []] = inventories(store(newest(), 'src'))
      const groups = inodes(found)
      expect(groups.get('f0')).to.equal(groups.get('g0'))
      expect(groups.get('f1')).to.equal(groups.get('g1'))
      expect(groups.get('f0')).not.to.equal(groups.get('f1'))
    }
  })
})
