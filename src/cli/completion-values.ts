// What shells offer for the values of flags that take any text: examples, and the tags of the store.

interface Values {
  /** Values to begin with. */
  readonly examples?: readonly string[]
  readonly complete?: 'tag'
}

const tag = {complete: 'tag'} as const
const times = {examples: ['today', 'yesterday', '2h', '3d', '2w', '6m', '1y']} as const

/** By the long names of flags. */
export const completionValues: Readonly<Record<string, Values>> = {
  'keep-last': {examples: ['1', '10', '30']},
  'keep-all': {examples: ['24h', '7d', '30d']},
  'keep-hourly': {examples: ['24h', '48h', '7d']},
  'keep-daily': {examples: ['7d', '30d', '90d']},
  'keep-weekly': {examples: ['8w', '26w', '52w']},
  'keep-monthly': {examples: ['6m', '12m', '24m']},
  'keep-yearly': {examples: ['3y', '5y', '10y']},
  'keep-tag': tag,
  tag,
  add: tag,
  remove: tag,
  at: times,
  newer: times,
  older: times,
  'max-age': {examples: ['2h', '26h', '8d', '5w']},
  'max-delete': {examples: ['100', '20%', 'all']},
  'exclude-larger-than': {examples: ['500k', '20M', '4G']},
  size: {examples: ['10M', '+10M', '-10M', '+1G']},
  last: {examples: ['1', '10', '30']},
  read: {examples: ['all', 'new', 'bad', '10%', '50G']},
  for: {examples: ['20m', '1h', '6h']},
  'older-than': {examples: ['7d', '30d', '90d']},
  bwlimit: {examples: ['20M', '50M', '200M']},
  top: {examples: ['10', '30']},
}
