// The schema for reading a marker: every field gets a value of its type, whatever the file contains.
// Only a format and two instants are required.
import * as v from 'valibot'
import {selectionLimit} from '../retention/turns.js'
import {amount, instant, isObject, list, mark, object, text, texts, word} from './lenient-schema.js'

/** A marker lists this many failures at most. */
const failureLimit = 1000
/** A series joins a few others, and some hundred machines at most share an id. */
const joinedLimit = 1000
/** Every operand and every rule takes an argument or a line. */
const pathLimit = 100_000
const ruleLimit = 100_000

const path = {path: text, path_b64: word}

/** Omits undefined fields. */
const pathFields = (fields: {path: string; path_b64?: string | undefined}) => ({
  path: fields.path,
  ...(fields.path_b64 !== undefined && {path_b64: fields.path_b64}),
})

const source = v.pipe(
  object({
    name: text,
    path: text,
    named: mark,
    mounted: mark,
    carried: mark,
    host: word,
    joined: list(texts(), joinedLimit),
    joined_until: list(v.fallback(v.nullable(instant), null), joinedLimit),
  }),
  v.transform(({name, path: place, named, mounted, carried, host, joined, joined_until}) => {
    const until = joined_until.slice(0, joined.length).filter((time) => time !== null)
    return {
      name,
      path: place,
      ...(named !== undefined && {named}),
      ...(mounted !== undefined && {mounted}),
      ...(carried !== undefined && {carried}),
      ...(host !== undefined && {host}),
      ...(joined.length > 0 && {joined}),
      // The two lists belong together, so times are dropped unless there is one for each key.
      ...(joined.length > 0 && until.length === joined.length && {joined_until: until}),
    }
  }),
)

const failure = v.pipe(
  object({...path, code: text, syscall: text, warning: v.fallback(v.boolean(), false)}),
  v.transform(({code, syscall, warning, ...rest}) => {
    return {...pathFields(rest), code, syscall, warning}
  }),
)

const note = v.pipe(
  object({...path, kind: text, count: amount}),
  v.transform(({kind, count, ...rest}) => ({kind, count, ...pathFields(rest)})),
)

const pattern = v.pipe(
  object({origin: text, text, text_b64: word, file: mark, folds_case: mark}),
  v.transform(({text_b64, file, folds_case, ...rest}) => ({
    ...rest,
    ...(text_b64 !== undefined && {text_b64}),
    ...(file !== undefined && {file}),
    ...(folds_case !== undefined && {folds_case}),
  })),
)

/** A wrong value is no rule; the fingerprint then shows that one is missing. */
const rules = object({
  patterns: list(pattern, ruleLimit),
  ignore_files: texts(ruleLimit),
  tags: list(object({name: text, header: text}), ruleLimit),
  attributes: texts(ruleLimit),
  largest: v.fallback(v.nullable(v.pipe(v.number(), v.safeInteger(), v.minValue(0))), null),
  one_file_system: v.fallback(v.boolean(), false),
})

const paths = list(v.pipe(object(path), v.transform(pathFields)), pathLimit)

const guard = object({of: text, covered: paths, absent: paths})

/** Undefined unless the value is an object. */
const ifObject = <const S extends v.GenericSchema>(item: S) =>
  v.pipe(
    v.optional(v.unknown()),
    v.transform((value) => (isObject(value) ? value : undefined)),
    v.optional(item),
  )

const changes = {new: amount, changed: amount, metadata: amount, renamed: amount, deleted: amount}

const fields = v.object({
  format: v.literal(1),
  start: instant,
  end: instant,
  host: text,
  host_id: word,
  clones: texts(joinedLimit),
  previous: v.fallback(v.nullable(v.string()), null),
  sources: list(source),
  counts: object({
    ...{files: amount, directories: amount, symlinks: amount, specials: amount},
    changes: object(changes),
    excluded: amount,
  }),
  bytes: object({total: amount, added: amount}),
  tags: texts(),
  selection: word,
  rules: ifObject(rules),
  guard: ifObject(guard),
  earlier: texts(selectionLimit),
  errors: object({count: amount, warnings: amount, list: list(failure, failureLimit)}),
  notes: list(note),
  version: text,
})

/** The body of a marker; see Marker in marker.ts. */
export const markerSchema = v.pipe(
  fields,
  v.transform(({host_id, clones, selection, rules: given, guard: guarded, earlier, ...rest}) => ({
    ...rest,
    ...(host_id !== undefined && {host_id}),
    ...(clones.length > 0 && {clones}),
    ...(selection !== undefined && {selection}),
    ...(given !== undefined && {rules: given}),
    ...(guarded !== undefined && {guard: guarded}),
    ...(earlier.length > 0 && {earlier}),
  })),
)
