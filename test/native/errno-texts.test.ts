// Errors of network filesystems and FUSE that local disks do not return: each has a message.
import {readFileSync, writeFileSync} from 'node:fs'
import {constants} from 'node:os'
import {fileURLToPath} from 'node:url'
import {expect} from 'chai'
import {errnoText} from '../../src/native/failure.js'
import {runProgram} from './programs.js'
import {workshop} from './workshop.js'

const table = fileURLToPath(new URL('../../native/addon/errno_name.cc', import.meta.url))

/** The errno that a system call returns, and the text of the message. */
const cases: ReadonlyArray<[string, string]> = [
  ['EBADMSG', 'bad message: what was read is damaged'],
  ['ECONNRESET', 'connection reset by peer'],
  ['EHOSTDOWN', 'host is down'],
  ['EHOSTUNREACH', 'host is unreachable'],
  ['EKEYREVOKED', 'the encryption key has been revoked'],
  ['ENODATA', 'no data available'],
  ['ENOKEY', 'the encryption key is not available'],
  ['ENOLINK', 'the link to the server is broken'],
  ['ENOMEDIUM', 'there is no medium in the drive'],
  ['ENOTCONN', 'socket is not connected'],
  ['EPROTO', 'protocol error'],
  ['EREMOTEIO', 'remote I/O error'],
  ['ESTALE', 'stale file handle'],
  ['EUCLEAN', 'the filesystem is damaged'],
]

interface Json {
  readonly errors: {readonly list: ReadonlyArray<{path: string; code: string}>}
}

describe('the names of errors', () => {
  before(function () {
    if (process.platform !== 'linux') this.skip()
  })
  const {docs, store} = workshop()

  /** Runs a backup in which opening the file `a` fails with `error`. */
  function backUpWith(error: string, ...flags: string[]): ReturnType<typeof runProgram> {
    writeFileSync(docs('a'), 'a')
    const inject = ['-e', 'trace=openat', '-P', 'a', '-e', `inject=openat:error=${error}`]
    const under = ['strace', '-f', '-qq', '-o', '/dev/null', ...inject]
    return runProgram(['backup', '-b', store(), docs(), ...flags], {under})
  }

  for (const [code, text] of cases) {
    it(`gives "${text}" for ${code}`, () => {
      expect(errnoText(code)).to.equal(text)
      expect(backUpWith(code).err).to.include(`docs/a: ${text} (openat)\n`)
    })
  }

  it('have a text for every code of the addon', () => {
    const names = [...readFileSync(table, 'utf8').matchAll(/Named\{(E\w+), "(E\w+)"\}/g)]
    expect(names).to.have.length.above(90)
    for (const [, constant, name = ''] of names) {
      expect(constant).to.equal(name)
      expect(errnoText(name), name).to.match(/ /)
    }
  })

  it('cover every errno that Node knows', () => {
    const names = readFileSync(table, 'utf8')
    const nameless = Object.keys(constants.errno).filter(
      (code) => !names.includes(`Named{${code},`),
    )
    // Synonyms for other errnos.
    expect(nameless).to.deep.equal(['EOPNOTSUPP', 'EWOULDBLOCK'])
  })

  it('fall back to the number and the text of the system', () => {
    expect(backUpWith('531').err).to.match(/docs\/a: unknown error 531 \(openat\)\n/i)
    const {errors} = JSON.parse(backUpWith('531', '--json').out) as Json
    expect(errors.list).to.deep.include({
      path: 'docs/a',
      code: 'errno 531',
      syscall: 'openat',
      warning: false,
    })
  })
})
