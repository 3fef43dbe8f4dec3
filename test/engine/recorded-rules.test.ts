// The exclusion rules of a marker: what is recorded comes back as it was given, or not at all.
import {expect} from 'chai'
import {hasUnknownRules, recordedSelection, rulesFor} from '../../src/engine/recorded-rules.js'
import {fingerprintOf, selectionFrom, type SelectionTexts} from '../../src/engine/selection.js'
import type {SelectionOptions} from '../../src/native/native.js'
import {formatMarker, parseMarker, type Marker} from '../../src/store/marker.js'

const time = '2025-01-15T09:30:00.123Z'
const none: SelectionTexts = {'exclude-caches': false, 'one-file-system': false}

/** A marker as a program reads it. */
function read(fields: object): Marker {
  const whole = {format: 1, start: time, end: time, ...fields}
  const {marker} = parseMarker(formatMarker(whole as unknown as Marker))
  if (marker === null) throw new Error('the marker is damaged')
  return marker
}

const markerWith = (selection: SelectionOptions): Marker =>
  read({rules: rulesFor(selection), selection: fingerprintOf(selection)})

const all: SelectionOptions = {
  patterns: [
    {origin: '--exclude', text: Buffer.from('*.tmp'), isFile: false, foldsCase: false},
    {origin: '--iexclude', text: Buffer.from('ä*'), isFile: false, foldsCase: true},
    {origin: '/etc/x', text: Buffer.from('a\xff\n!b\n', 'latin1'), isFile: true, foldsCase: false},
  ],
  ignoreFiles: ['.gitignore'],
  tags: [{name: 'CACHEDIR.TAG', header: 'Signature: 8'}],
  attributes: ['user.skip'],
  largest: 1000,
  oneFileSystem: true,
}

describe('recorded rules', () => {
  it('come back as they were given, whatever their bytes', () => {
    expect(recordedSelection(markerWith(all))).to.deep.equal(all)
    const flags = selectionFrom({...none, exclude: ['*.o', '/x/'], 'exclude-caches': true})
    expect(flags).not.to.equal(null)
    if (flags !== null) expect(recordedSelection(markerWith(flags))).to.deep.equal(flags)
  })

  it('are none without exclusions, and in markers of older versions', () => {
    expect(rulesFor(null)).to.equal(null)
    for (const marker of [null, read({})]) {
      expect(recordedSelection(marker)).to.equal(null)
      expect(hasUnknownRules(marker)).to.equal(false)
    }
  })

  it('are unknown if only their fingerprint is recorded', () => {
    const marker = read({selection: fingerprintOf(all)})
    expect(recordedSelection(marker)).to.equal(null)
    expect(hasUnknownRules(marker)).to.equal(true)
    expect(hasUnknownRules(markerWith(all)), 'the control').to.equal(false)
  })

  it('are not recorded if they are longer than 256 KiB', () => {
    const long = (size: number): SelectionOptions => ({
      ...all,
      patterns: [{origin: 'f', text: Buffer.alloc(size, '#'), isFile: true, foldsCase: false}],
    })
    expect(rulesFor(long(256 * 1024))).to.equal('too long')
    expect(recordedSelection(markerWith(long(250_000)))).to.deep.equal(long(250_000))
  })

  // A marker that somebody changed, or that a bad disk did. A rule that is lost would let a restore
  // delete what it had left out.
  for (const [what, rules] of Object.entries({
    'no object': 'x',
    'an empty object': {},
    'a pattern less': {...(rulesFor(all) as object), patterns: []},
    'patterns of another type': {...(rulesFor(all) as object), patterns: [1, null, 'x']},
    'a size of another type': {...(rulesFor(all) as object), largest: '1000'},
    'a negative size': {...(rulesFor(all) as object), largest: -1},
    'a list in its place': [rulesFor(all)],
    'other names': {...(rulesFor(all) as object), ignore_files: [7, {}, '.gitignored']},
  })) {
    it(`are unknown if the marker has ${what}`, () => {
      const marker = read({rules, selection: fingerprintOf(all)})
      expect(recordedSelection(marker)).to.equal(null)
      expect(hasUnknownRules(marker)).to.equal(true)
    })
  }
})
