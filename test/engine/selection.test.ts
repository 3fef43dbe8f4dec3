// Converts the exclusion flags for the addon, and refuses invalid ones.
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {
  compileSelection,
  fingerprintOf,
  fullTrust,
  refuseForRsync,
  selectionFrom,
  trustFrom,
  type SelectionTexts,
} from '../../src/engine/selection.js'
import type {SelectionOptions} from '../../src/native/native.js'
import {temporaryDirectory} from '../support/temporary.js'

const none: SelectionTexts = {'exclude-caches': false, 'one-file-system': false}
const from = (texts: Partial<SelectionTexts>): SelectionOptions | null =>
  selectionFrom({...none, ...texts})

// The flags, and what the message says.
const refused: ReadonlyArray<[Partial<SelectionTexts>, RegExp]> = [
  [
    {'exclude-larger-than': 'big'},
    /^--exclude-larger-than "big" is not a size: write it as 500k, 20M, 4GiB or 4GB$/,
  ],
  [{'exclude-larger-than': '9999999P'}, /is not a size/],
  [{exclude: ['a\ufffd']}, /^--exclude ".*" is not valid UTF-8: put it into a file/],
  [{'ignore-file': ['a\ufffd']}, /^--ignore-file ".*" is not valid UTF-8$/],
  [{'ignore-file': ['a/b']}, /^--ignore-file takes the name of a file, without a path/],
  [{'exclude-if-present': ['..']}, /^--exclude-if-present takes the name of a file/],
  [{'exclude-if-xattr': ['']}, /^--exclude-if-xattr takes the name of an attribute/],
  [{'exclude-file': ['/nonexistent']}, /^the exclude file \/nonexistent cannot be read: no such/],
]

const sizes: ReadonlyArray<[string, number]> = [
  ['7', 7],
  ['7b', 7],
  ['500k', 512_000],
  ['500kB', 500_000],
  ['20M', 20_971_520],
  ['1.5GB', 1_500_000_000],
  [' 4g ', 4_294_967_296],
]

describe('selection', () => {
  const temporary = temporaryDirectory()

  it('is null without flags', () => {
    expect(from({})).to.equal(null)
    expect(from({exclude: []})).to.equal(null)
    expect(fingerprintOf(null)).to.equal('')
    expect(compileSelection(null, true)).to.equal(null)
  })

  for (const [text, bytes] of sizes) {
    it(`reads "${text}" as ${bytes} bytes`, () => {
      expect(from({'exclude-larger-than': text})?.largest).to.equal(bytes)
    })
  }

  for (const [texts, message] of refused) {
    it(`refuses ${JSON.stringify(texts)}`, () => {
      expect(() => from(texts))
        .to.throw(CuraError, message)
        .with.property('code', 'usage')
    })
  }

  it('splits a value from the environment at line breaks', () => {
    const patterns = from({exclude: 'a\r\nb,c\n\n'})?.patterns
    expect(patterns?.map(({text}) => text.toString())).to.deep.equal(['a', 'b,c'])
  })

  it('has a fingerprint of the patterns, not of the files that hold them', () => {
    const files = ['one', 'two'].map((name) => join(temporary(), name))
    for (const file of files) writeFileSync(file, '*.tmp\n')
    const prints = files.map((file) => fingerprintOf(from({'exclude-file': [file]})))
    expect(prints[0])
      .to.match(/^[\da-f]{16}$/)
      .and.to.equal(prints[1])
    const others = [from({exclude: ['*.tmp']}), from({iexclude: ['*.tmp']}), from({exclude: ['a']})]
    expect(new Set([...prints, ...others.map(fingerprintOf)])).to.have.property('size', 4)
  })

  it('names the file and line of a pattern that the addon refuses', () => {
    const file = join(temporary(), 'list')
    writeFileSync(file, 'good\na\\\n')
    expect(() => compileSelection(from({'exclude-file': [file]}), false))
      .to.throw(CuraError, /list, line 2: the pattern "a\\\\" is bad: /)
      .with.property('code', 'usage')
  })

  it('sets trust by the flags, and refuses contradictory ones', () => {
    const flags = {
      checksum: false,
      'ignore-inode': false,
      'ignore-ctime': false,
      'quick-check': false,
    }
    expect(trustFrom(flags)).to.deep.equal(fullTrust)
    expect(trustFrom({...flags, checksum: true}).contents).to.be.false
    expect(() => trustFrom({...flags, checksum: true, 'quick-check': true})).to.throw(/contradict/)
  })

  it('is refused for rsync, whose rules differ', () => {
    expect(() => {
      refuseForRsync(null, fullTrust)
    }).not.to.throw()
    expect(() => {
      refuseForRsync(from({exclude: ['a']}), fullTrust)
    }).to.throw(CuraError, /cannot exclude anything/)
    expect(() => {
      refuseForRsync(null, {...fullTrust, quick: true})
    }).to.throw(CuraError, /compares only size and time/)
  })
})
