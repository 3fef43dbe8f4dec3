// Runs the built program on a terminal, and types keys when it shows certain texts.
import {runProgram, type Run} from '../native/programs.js'

// Reads the steps from its first argument: each a text to wait for, and the keys to type then. The
// second one is the width.
const driver = `
import fcntl, json, os, pty, struct, sys, termios
steps = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack("HHHH", 24, int(sys.argv[2]), 0, 0))
    os.execvp(sys.argv[3], sys.argv[3:])
shown = b""
while True:
    while steps and steps[0][0].encode() in shown:
        shown = shown.split(steps[0][0].encode(), 1)[1]
        os.write(terminal, steps.pop(0)[1].encode())
    try:
        text = os.read(terminal, 65536)
    except OSError:
        text = b""
    if not text:
        break
    shown += text
    os.write(1, text)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`

/** Each step: a text to wait for, and the keys to type then. */
export type Step = readonly [shown: string, keys: string]

interface Terminal {
  readonly columns?: number
  readonly locale?: string
}

export function dialogue(
  argv: readonly string[],
  steps: readonly Step[],
  {columns = 80, locale = 'C'}: Terminal = {},
): Run {
  const driving = ['python3', '-c', driver, JSON.stringify(steps), String(columns)]
  const under = ['env', 'TERM=xterm', `LC_ALL=${locale}`, ...driving]
  const result = runProgram(argv, {under, timeout_ms: 60_000})
  return {...result, out: result.out.replaceAll('\r\n', '\n')}
}
