// A temporary directory for each test, removed afterwards.
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'

/** Call it in a describe block. Returns a function that returns the directory. */
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

/** Also makes an empty store in it, and a source with one file, 'a.txt'. */
export function storeAndDocs(): Record<'temporary' | 'store' | 'docs', () => string> {
  const temporary = temporaryDirectory()
  const store = (): string => join(temporary(), 'store')
  const docs = (): string => join(temporary(), 'docs')
  beforeEach(() => {
    mkdirSync(store(), {mode: 0o700})
    mkdirSync(docs())
    writeFileSync(join(docs(), 'a.txt'), 'a')
  })
  return {temporary, store, docs}
}
