// What a backup records for a later restore: its exclusion rules, and which sources were mounted.
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {expect} from 'chai'
import {recordedSelection} from '../../src/engine/recorded-rules.js'
import {findProgram} from '../../src/engine/external/programs.js'
import {selectionFrom} from '../../src/engine/selection.js'
import type {BackupOptions} from '../../src/operations/backup.js'
import {noteLines} from '../../src/report/notes.js'
import {parseMarker, type Marker} from '../../src/store/marker.js'
import {isRoot, sh, workshop} from '../native/workshop.js'

const hasRsync = findProgram('rsync', process.env.PATH ?? '') !== null
const flags = {'exclude-caches': true, 'one-file-system': false}

describe('the marker of a backup', () => {
  const {docs, store, path, backUp, snapshot, later} = workshop()

  const markerOf = (name: string | null): Marker => {
    const {marker} = parseMarker(readFileSync(store(String(name), '.backup_finished')))
    if (marker === null) throw new Error('the marker is damaged')
    return marker
  }

  it('has the rules as they were given, from files and flags', async () => {
    writeFileSync(path('patterns'), Buffer.from('# comment\n*.o\n/b\xff\n', 'latin1'))
    writeFileSync(docs('a.o'), '')
    const given = {...flags, exclude: '*.tmp', 'exclude-file': path('patterns')}
    const selection = selectionFrom({...given, 'exclude-larger-than': '10M'})
    const marker = markerOf(await snapshot({selection}))
    expect(marker.rules?.largest).to.equal(10 * 1024 * 1024)
    expect(recordedSelection(marker)).to.deep.equal(selection)
  })

  it('has no rules without exclusions', async () => {
    expect(markerOf(await snapshot())).to.not.have.any.keys('rules', 'selection', 'guard')
  })

  it('has no rules if they are too long, and a note that a user sees', async () => {
    writeFileSync(path('patterns'), `${'#'.repeat(999)}\n`.repeat(300))
    const selection = selectionFrom({...flags, 'exclude-file': path('patterns')})
    const {snapshot: name, notes, exit} = await backUp({selection})
    const marker = markerOf(name)
    expect(marker).to.not.have.property('rules')
    expect(marker.notes).to.deep.equal([{kind: 'rules', count: 1, path: ''}])
    expect(noteLines(notes, false)).to.deep.equal([
      '  The exclusion rules are longer than 256 KiB and were not recorded: a restore will not know ' +
        'what they excluded.',
    ])
    expect(exit).to.equal(0)
  })

  const ways: ReadonlyArray<readonly [string, Partial<BackupOptions>]> = [
    ['natively', {}],
    ['with cp', {external: {rsync: false, hardlink: true}}],
    ...(hasRsync ? [['with rsync', {external: {rsync: true, hardlink: false}}] as const] : []),
  ]
  for (const [way, how] of ways) {
    it(`marks each source that is a mount point, also when carried over, ${way} (needs root)`, async function () {
      if (!isRoot) this.skip()
      mkdirSync(path('usb'))
      sh('mount', '-t', 'tmpfs', 'none', path('usb'))
      let isUp = true
      later(() => isUp && sh('umount', path('usb')))
      for (const name of ['docs/a', 'usb/b', 'letter']) writeFileSync(path(name), 'x')
      const operands = ['docs', 'letter', 'usb'].map((name) => path(name))
      const mounted = (name: string | null): unknown =>
        markerOf(name).sources.map((source) => `${source.name} ${String(source.mounted)}`)
      const expected = ['docs undefined', 'letter undefined', 'usb true']
      expect(mounted(await snapshot({operands, ...how}))).to.deep.equal(expected)
      sh('umount', path('usb'))
      isUp = false
      writeFileSync(docs('new'), '')
      const without = await backUp({operands, ...how})
      expect(without.carried.map(({name, code}) => `${name} ${code}`)).to.deep.equal([
        'usb EMPTIED',
      ])
      expect(mounted(without.snapshot)).to.deep.equal(expected)
      const plain = await snapshot({operands, ...how, allowEmpty: true})
      expect(mounted(plain)).to.deep.equal([...expected.slice(0, 2), 'usb undefined'])
    })
  }
})
