// Parses the operands that the user types, and derives their names in the snapshot.
import {basename} from 'node:path'
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {parseSources} from '../../src/engine/sources.js'

// The operands, and NAME <- PATH for each.
const good: ReadonlyArray<[string, string[], string[]]> = [
  ['a path', ['/home/ann'], ['ann <- /home/ann']],
  ['a trailing slash', ['/home/ann/'], ['ann <- /home/ann/']],
  ['dots in the path', ['/home/ann/../bob/.'], ['bob <- /home/ann/../bob/.']],
  ['the working directory', ['.'], [`${basename(process.cwd())} <- .`]],
  ['a chosen name', ['docs=/srv/documents'], ['docs <- /srv/documents']],
  ['the root by name', ['root=/'], ['root <- /']],
  ['an equals sign in the path', ['./a=b'], ['a=b <- ./a=b']],
  ['an equals sign after a slash', ['/x/a=b'], ['a=b <- /x/a=b']],
  ['an equals sign in a named path', ['n=a=b'], ['n <- a=b']],
  ['one basename twice, named', ['/a/x', 'y=/b/x'], ['x <- /a/x', 'y <- /b/x']],
  ['a name with spaces and a dash', ['-my docs=/d'], ['-my docs <- /d']],
  ['a hidden directory', ['/home/.config'], ['.config <- /home/.config']],
]

// The operands, and the message.
const bad: ReadonlyArray<[string, string[], RegExp]> = [
  ['nothing', [], /no source/],
  ['the root', ['/'], /has no name: give it one with NAME=\//],
  ['equal basenames', ['/a/x', '/b/x'], /two sources are called "x".*NAME=PATH/],
  ['equal names', ['x=/a', 'x=/b'], /two sources are called "x"/],
  ['a marker as a source', ['/a/.backup_finished'], /reserved.*NAME=/],
  ['a reserved name', ['.backup_delta=/a'], /reserved/],
  ['the name of the lock', ['.backups_lock=/a'], /reserved/],
  ['a dot as the name', ['.=/a'], /does not name a directory/],
  ['two dots as the name', ['..=/a'], /does not name a directory/],
  ['an empty name', ['=/a'], /is empty/],
  ['an empty path', ['x='], /has no path/],
  ['an empty operand', [''], /has no path/],
  ['a name of 256 bytes', [`${'ä'.repeat(128)}=/a`], /longer than 255 bytes/],
  ['an operand that is not UTF-8', ['/a/\ufffd'], /not valid UTF-8/],
  ['control characters, shown escaped', ['\u001b=/a', '\u001b=/b'], /"\\x1b"/],
]

describe('sources', () => {
  for (const [what, operands, expected] of good) {
    it(`accepts ${what}`, () => {
      const found = parseSources(operands, false).map(({name, path}) => `${name} <- ${path}`)
      expect(found).to.deep.equal(expected)
    })
  }

  for (const [what, operands, message] of bad) {
    it(`refuses ${what}`, () => {
      expect(() => parseSources(operands, false))
        .to.throw(CuraError, message)
        .with.property('code', 'usage')
    })
  }
})
