// Asks the records of a snapshot through the addon's door.
import {follow} from '../../src/native/job.js'
import {native, type NativeRecords} from '../../src/native/native.js'

const never = new AbortController().signal

/** Opens the records of these snapshots while `use` runs. */
export async function withRecords<T>(
  storeDir: string,
  names: readonly string[],
  use: (records: NativeRecords) => T | Promise<T>,
  {whole = false} = {},
): Promise<T> {
  const store = native().openStore(storeDir)
  try {
    const records = await follow(store.openRecords(names, {whole}), never, () => undefined)
    try {
      return await use(records)
    } finally {
      records.close()
    }
  } finally {
    store.close()
  }
}
