// A snapshot of another series is used only for links to equal contents.
import {
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {expect} from 'chai'
import type {BackupOptions} from '../../src/operations/backup.js'
import {findProgram} from '../../src/engine/external/programs.js'
import {fullTrust} from '../../src/engine/selection.js'
import {settle, workshop} from '../native/workshop.js'

const hasRsync = findProgram('rsync', process.env.PATH ?? '') !== null
const time = new Date(2020, 0, 1)

describe('a snapshot of another series', () => {
  const {store, path, backUp, snapshot} = workshop()
  const [ann, ben, more] = [['ann', 'docs'], ['ben', 'docs'], ['more']] as const

  /** A file with an old mtime. */
  function write([...names]: readonly string[], text: string): void {
    mkdirSync(path(...names), {recursive: true})
    writeFileSync(path(...names, 'f'), text)
    utimesSync(path(...names, 'f'), time, time)
  }
  const read = (name: string): string => readFileSync(store(name, 'docs', 'f'), 'utf8')

  beforeEach(async () => {
    write(ann, 'ANNS')
    write(ben, 'BENS')
    write(more, 'more')
    await settle()
  })

  const rsync = {external: {rsync: true, hardlink: false}}
  const cp = {external: {rsync: false, hardlink: true}}
  const ways: ReadonlyArray<readonly [string, Partial<BackupOptions>]> = [
    ['natively', {}],
    ['with --quick-check', {trust: {...fullTrust, quick: true}}],
    ['with --ignore-inode and --ignore-ctime', {trust: {...fullTrust, inodes: false, ctimes: false}}],
    ['with cp', cp],
    ['with cp and --quick-check', {...cp, trust: {...fullTrust, quick: true}}],
    ...(hasRsync ? [['with rsync', rsync] as const] : []),
  ] // prettier-ignore

  for (const [way, how] of ways) {
    it(`is not trusted by size and time, ${way}`, async () => {
      await snapshot({operands: [path(...ann)], ...how})
      expect(read(await snapshot({operands: [path(...ben)], ...how}))).to.equal('BENS')
    })

    it(`is not trusted even if it is the newest for other sources, ${way}`, async () => {
      await snapshot({operands: [path(...ann)], host: 'one', ...how})
      await snapshot({operands: [path(...ben), path(...more)], host: 'two', ...how})
      const operands = [path(...ann), path(...more)]
      expect(read(await snapshot({operands, host: 'one', ...how}))).to.equal('ANNS')
    })

    it(`does not stand in for a missing or empty source, ${way}`, async () => {
      await snapshot({operands: [path(...ann)], ...how})
      rmSync(path('ben', 'docs', 'f'))
      const operands = [path(...ben), path(...more)]
      const empty = await backUp({operands, ...how})
      expect(empty).to.include({exit: 0}).and.deep.include({carried: []})
      expect(readdirSync(store(String(empty.snapshot), 'docs'))).to.deep.equal([])
      writeFileSync(path('more', 'g'), 'new')
      const away = await backUp({operands: [path('away', 'docs'), path(...more)], ...how})
      expect(away.carried.map(({from}) => from)).to.deep.equal([null])
      expect(away).to.include({exit: 3})
      expect(readdirSync(store(String(away.snapshot)))).not.to.include('docs')
    })
  }

  it('is linked against if contents are equal, but not by rsync', async () => {
    write(ben, 'ANNS')
    await snapshot({operands: [path(...ann)]})
    const name = await snapshot({operands: [path(...ben)]})
    expect(statSync(store(name, 'docs', 'f')).nlink).to.be.above(1)
  })

  it('proves nothing about an empty only source', async () => {
    await snapshot({operands: [path(...ann)]})
    rmSync(path('ben', 'docs', 'f'))
    expect(await backUp({operands: [path(...ben)]})).to.include({exit: 0})
  })
})
