// Keeps output that cannot be written from ending a run in the middle.

let complained = false

/**
 * Takes errors of the output as what they are: one sentence, or nothing where the reader has seen
 * enough. oclif listens, too, when it is loaded, and would end the process; so this is called again
 * after that.
 */
export function tolerateOutputErrors(): void {
  process.stderr.removeAllListeners('error').on('error', () => undefined)
  process.stdout.removeAllListeners('error').on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE' || complained) return
    complained = true
    process.stderr.write(`cura-te-ipsum: the output could not be written: ${error.message}\n`)
  })
}
