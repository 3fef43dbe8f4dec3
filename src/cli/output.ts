// Keeps a run going when its output cannot be written.

let complained = false

/**
 * Reports a write error once, and nothing if the reader closed the pipe. Call it again after oclif
 * is loaded, because oclif's own listener would end the process.
 */
export function tolerateOutputErrors(): void {
  process.stderr.removeAllListeners('error').on('error', () => undefined)
  process.stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || complained) return
    complained = true
    process.stderr.write(`cura-te-ipsum: the output could not be written: ${error.message}\n`)
  })
}
