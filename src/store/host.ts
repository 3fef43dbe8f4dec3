// This machine, as series tell machines apart.
import {hostname} from 'node:os'
import {native} from '../native/native.js'
import type {Host} from './series.js'

/** `id` is what the user calls the machine; null: its own id counts. */
export const currentHost = (id: string | null): Host => ({
  name: hostname(),
  id: id ?? native().machineId(),
})
