// What a store holds.
import {readdirSync} from 'node:fs'

/** All names in a store except the records of its runs. */
export const storedIn = (storeDir: string): string[] =>
  readdirSync(storeDir).filter((name) => name !== '.backups_state')
