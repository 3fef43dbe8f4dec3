// The name and id of this machine, which distinguish it in series.
import {hostname} from 'node:os'
import {native} from '../native/native.js'
import type {Host} from './series.js'

/** `id` is the user's name for the machine; null: its own id. */
export const currentHost = (id: string | null): Host => ({
  name: hostname(),
  id: id ?? native().machineId(),
})
