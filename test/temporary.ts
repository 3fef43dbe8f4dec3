// A temporary directory for each test, gone afterwards.
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** To be called in a describe block; comes back with a function that gives the directory. */
export function temporaryDirectory(): () => string {
  let directory = ''
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), 'cura-'))
  })
  afterEach(() => {
    rmSync(directory, {recursive: true, force: true})
  })
  return () => directory
}
