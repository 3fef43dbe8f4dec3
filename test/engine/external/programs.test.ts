// The programs of a run: where they are found, and which versions are accepted.
import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'chai'
import {CuraError} from '../../../src/base/errors.js'
import {findProgram, findPrograms, rsyncOptions} from '../../../src/engine/external/programs.js'
import {temporaryDirectory} from '../../support/temporary.js'

describe('external/programs, rsync', () => {
  const text = (version: string, capabilities: string): string =>
    `rsync  version ${version}  protocol version 31\nCapabilities:\n    64-bit files, ${capabilities}, iconv\nOptimizations:\n    no SIMD\n`

  it('gets the options that its version supports', () => {
    expect(rsyncOptions(text('3.2.7', 'ACLs, xattrs'))).to.deep.equal([
      '-A',
      '-XX',
      '--modify-window=-1',
      '-W',
    ])
    expect(rsyncOptions(text('3.1.2', 'no ACLs, xattrs'))).to.deep.equal(['-XX', '-W'])
    expect(rsyncOptions(text('3.5.0', 'no ACLs, no xattrs'))).to.deep.equal(['--modify-window=-1'])
    expect(rsyncOptions(text('v10.0', 'no ACLs,\n    no xattrs'))).to.deep.equal([
      '--modify-window=-1',
    ])
  })

  it('is refused if it is too old, or another program', () => {
    expect(() => rsyncOptions(text('2.6.9', 'ACLs'))).to.throw(/is version 2\.6\.9, .*3\.1/)
    expect(() =>
      rsyncOptions('openrsync: protocol version 29\nrsync version 2.6.9 compatible\n'),
    ).to.throw(/openrsync/)
    expect(() => rsyncOptions('hello\n')).to.throw(/does not report its version/)
  })
})

describe('external/programs', () => {
  const temporary = temporaryDirectory()
  const path = (...names: string[]): string => join(temporary(), ...names)
  const put = (directory: string, mode: number): string => {
    mkdirSync(path(directory), {recursive: true})
    writeFileSync(path(directory, 'tool'), '#!/bin/sh\n')
    chmodSync(path(directory, 'tool'), mode)
    return path(directory)
  }

  it('finds the first executable in PATH, by its absolute path', () => {
    const [data, first, second] = [put('data', 0o644), put('first', 0o755), put('second', 0o755)]
    mkdirSync(path('directory/tool'), {recursive: true})
    const search = ['', '.', 'relative', path('directory'), data, first, second].join(':')
    expect(findProgram('tool', search)).to.equal(join(first, 'tool'))
    expect(findProgram('tool', data)).to.equal(null)
  })

  it('looks only for the requested programs, and says what to install', () => {
    expect(findPrograms({rsync: false, hardlink: false})).to.deep.equal({rsync: null, copy: null})
    const {PATH} = process.env
    process.env.PATH = temporary()
    try {
      for (const [wanted, message] of [
        [
          {rsync: true, hardlink: false},
          /^--external-rsync needs rsync, but there is none in PATH/,
        ],
        [
          {rsync: false, hardlink: true},
          /^--external-hardlink needs g?cp, but there is none in PATH/,
        ],
      ] as const) {
        expect(() => findPrograms(wanted))
          .to.throw(CuraError, message)
          .with.property('code', 'failed')
      }
    } finally {
      process.env.PATH = PATH
    }
    expect(findPrograms({rsync: false, hardlink: true}).copy).to.match(/\/g?cp$/)
  })
})
