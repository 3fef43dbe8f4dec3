// The built program on a terminal, where it and oclif behave differently.
import {join} from 'node:path'
import {expect} from 'chai'
import {runProgram, type Run} from '../native/programs.js'
import {storeAndDocs} from '../support/temporary.js'

// Prints the output of the program on a terminal of 80 columns, and ends with its exit code.
const driver = `
import fcntl, os, pty, struct, sys, termios
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    os.execvp(sys.argv[1], sys.argv[1:])
while True:
    try:
        text = os.read(terminal, 65536)
    except OSError:
        text = b""
    if not text:
        break
    os.write(1, text)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

/** On a terminal, a line ends with two characters. */
function runOnTerminal(...argv: string[]): Run {
  const result = runProgram(argv, {under: ['env', 'TERM=xterm', 'python3', '-c', driver]})
  return {...result, out: result.out.replaceAll('\r\n', '\n')}
}

// eslint-disable-next-line no-control-regex -- control characters make text bold or erase a line
const controls = /\u001b\[[\d;]*[A-Za-z]/g

describe('terminal', () => {
  const {store, docs} = storeAndDocs()

  for (const argv of [['--help'], ['backup', '--help'], ['status', '-h']]) {
    it(`shows the same help as in a pipe: ${argv.join(' ')}`, () => {
      const {exit, out} = runOnTerminal(...argv)
      expect(exit).to.equal(0)
      expect(out.replace(controls, '')).to.equal(runProgram(argv).out)
      expect(out).to.match(controls) // the control: headings are bold
    })
  }

  // The command line, the exit code, and the line.
  const wrong: ReadonlyArray<[() => string[], number, RegExp]> = [
    [() => ['frob'], 2, /There is no command "frob"/],
    [() => ['status'], 2, /No store given: add -b STORE/],
    [() => ['status', '-b', join(store(), 'none')], 10, /there is no directory/],
    [() => ['-b', store(), '--keep-daily', 'x', docs()], 2, /--keep-daily/],
  ]
  for (const [argv, exit, message] of wrong) {
    it(`fails with ${exit} in one line: ${message.source}`, () => {
      const result = runOnTerminal(...argv())
      const text = result.out.replace(controls, '')
      expect(result.out).to.equal(`\u001b[31m${text.trimEnd()}\u001b[39m\n`)
      expect(text).to.match(new RegExp(`^cura-te-ipsum: .*${message.source}.*\n$`))
      expect(result.exit).to.equal(exit)
    })
  }

  it('works with every command', () => {
    const made = runOnTerminal('backup', '-v', '-b', store(), docs())
    expect(made.exit, made.out).to.equal(0)
    expect(made.out).to.match(/new {7}file [^]*Snapshot .* is complete: 1 file/)
    for (const argv of [['prune'], ['status'], ['digests']]) {
      const {exit, out} = runOnTerminal(...argv, '-b', store())
      expect(exit, out).to.equal(0)
      expect(out).not.to.include('unexpected error')
    }
    expect(runOnTerminal('completion', 'bash').exit).to.equal(0)
  })

  /** What a wrong command prints on a terminal, and in a pipe. */
  const failures = (...flags: string[]): string[] => {
    const argv = ['status', '-b', join(store(), 'none'), ...flags]
    return [runOnTerminal(...argv).out, runProgram(argv).err]
  }

  it('colours errors as --color says', () => {
    const [coloured = '', plain = ''] = failures()
    expect(coloured).to.equal(`\u001b[31m${plain.trimEnd()}\u001b[39m\n`)
    expect(failures('--color', 'never')).to.deep.equal([plain, plain])
    expect(failures('--color=always')).to.deep.equal([coloured, coloured])
    expect(failures('--color', 'sometimes').join('')).to.match(/--color/)
  })

  it('colours no help with --color=never', () => {
    expect(runOnTerminal('--help', '--color=never').out).not.to.match(controls)
  })
})
