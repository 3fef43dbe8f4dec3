// Pieces of schemas for files that may be damaged or hostile: every field gets a value of its type.
import * as v from 'valibot'

export const text = v.fallback(v.string(), '')
export const amount = v.fallback(v.pipe(v.number(), v.finite(), v.minValue(0)), 0)
/** Optional fields: a value of another type becomes undefined. */
export const word = v.optional(v.fallback(v.optional(v.string()), undefined))
export const mark = v.optional(v.fallback(v.optional(v.literal(true)), undefined))

/** A time that Date can hold, normalized to the form that we write. */
export const instant = v.pipe(
  v.string(),
  v.transform(Date.parse),
  v.number(), // refuses NaN
  v.transform((time_ms) => new Date(time_ms).toISOString()),
)

export const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** Any value that is not an object counts as an empty one. */
export const object = <const E extends v.ObjectEntries>(entries: E) =>
  v.pipe(
    v.optional(v.unknown(), {}),
    v.transform((value) => (isObject(value) ? value : {})),
    v.object(entries),
  )

/** Any value that is not a list counts as an empty one. */
const anyList = v.optional(v.fallback(v.array(v.unknown()), []), [])

export const list = <const S extends v.GenericSchema>(item: S, limit = Infinity) =>
  v.pipe(
    anyList,
    v.transform((items) => items.slice(0, limit)),
    v.array(item),
  )

const isText = (value: unknown): value is string => typeof value === 'string'

/** The texts in a list; other items are dropped. */
export const texts = (limit = Infinity) =>
  v.pipe(
    anyList,
    v.transform((items) => items.filter(isText).slice(0, limit)),
  )
