// A temporary directory for each test, gone afterwards.
import {mkdirSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs'
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

/** The same with an empty store in it and a source of one file, 'a.txt'. */
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
