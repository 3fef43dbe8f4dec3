// Turns keep flags into a policy, or into a message that says what to write.
import {expect} from 'chai'
import {CuraError} from '../../src/base/errors.js'
import {defaultPolicy, extentText, policyFrom, type KeepFlags} from '../../src/retention/policy.js'

/** 'all 7d, daily 30d, tag x'. */
function shown(flags: KeepFlags): string {
  const {rules, tags} = policyFrom(flags)
  const texts = rules.map(({rule, extent}) => `${rule} ${extentText(extent)}`)
  return [...texts, ...tags.map((tag) => `tag ${tag}`)].join(', ')
}

function refusal(flags: KeepFlags): CuraError | null {
  try {
    policyFrom(flags)
    return null
  } catch (error) {
    if (error instanceof CuraError) return error
    throw error
  }
}

const byDefault = 'last 10, all 7d, daily 30d, weekly 52w, monthly 12m, yearly 5y'

// The flags, and the resulting policy.
const policies: ReadonlyArray<[string, KeepFlags, string]> = [
  ['nothing at all', {}, byDefault],
  ['flags without a value', {'keep-daily': undefined, 'keep-tag': undefined}, byDefault],
  ['no tags', {'keep-tag': []}, byDefault],
  ['a single rule', {'keep-daily': '7'}, 'daily 7'],
  [
    'every rule, in whatever order',
    {
      'keep-tag': ['x', 'y'],
      'keep-yearly': '5y',
      'keep-monthly': '12',
      'keep-weekly': '30d',
      'keep-daily': '2w',
      'keep-hourly': '24h',
      'keep-all': '3m',
      'keep-last': '5',
    },
    'last 5, all 3m, hourly 24h, daily 2w, weekly 30d, monthly 12, yearly 5y, tag x, tag y',
  ],
  ['a tag alone', {'keep-tag': ['x']}, 'tag x'],
  ['a tag twice', {'keep-tag': ['x', 'x']}, 'tag x'],
  ['a rule turned off', {'keep-daily': '0', 'keep-weekly': '4'}, 'weekly 4'],
  ['a window turned off', {'keep-daily': '0d', 'keep-weekly': '4'}, 'weekly 4'],
  ['all rules turned off, but a tag', {'keep-daily': '0', 'keep-tag': ['x']}, 'tag x'],
  ['a count of each kind', {'keep-last': '1', 'keep-all': '2'}, 'last 1, all 2'],
  ['five digits', {'keep-last': '99999', 'keep-all': '99999y'}, 'last 99999, all 99999y'],
  ['leading zeros', {'keep-daily': '007d', 'keep-all': '00010'}, 'all 10, daily 7d'],
]

const noRule = /^these flags would remove everything .* --keep-daily 30d, or leave them all out/

// The flags, and the message.
const refusals: ReadonlyArray<[string, KeepFlags, RegExp]> = [
  [
    'a word',
    {'keep-daily': 'x'},
    /^--keep-daily "x" is neither a count such as 7 nor a window such as 30d/,
  ],
  ['a negative count', {'keep-hourly': '-1'}, /^--keep-hourly "-1" is (neither|not) a count/],
  ['a fraction', {'keep-hourly': '1.5d'}, /^--keep-hourly "1.5d" is (neither|not) a count/],
  ['a unit alone', {'keep-weekly': 'w'}, /^--keep-weekly "w" is (neither|not) a count/],
  ['an unknown unit', {'keep-weekly': '7s'}, /"7s" is (neither|not) a count/],
  ['a unit in capitals', {'keep-weekly': '7W'}, /"7W" is (neither|not) a count/],
  ['two windows', {'keep-monthly': '1y6m'}, /^--keep-monthly "1y6m" is (neither|not) a count/],
  ['six digits', {'keep-yearly': '100000'}, /^--keep-yearly "100000" is .*at most 5 digits/],
  ['a space before', {'keep-all': ' 7'}, /^--keep-all " 7" is (neither|not) a count/],
  ['a line after', {'keep-all': '7\n'}, /^--keep-all "7\\x0a" is (neither|not) a count/],
  [
    'what would move a cursor',
    {'keep-all': '\u001b[2J'},
    /^--keep-all "\\x1b\[2J" is (neither|not) a count/,
  ],
  ['other digits', {'keep-all': '٧'}, /is (neither|not) a count/],
  [
    'a window for last',
    {'keep-last': '7d'},
    /^--keep-last "7d" is not a count such as 7 .*--keep-all/,
  ],
  [
    'a window of nothing for last',
    {'keep-last': '0d'},
    /^--keep-last "0d" is (neither|not) a count/,
  ],
  [
    'an invalid rule next to a valid one',
    {'keep-daily': '7', 'keep-yearly': 'x'},
    /^--keep-yearly "x"/,
  ],
  ['the only rule turned off', {'keep-daily': '0'}, noRule],
  ['all rules turned off', {'keep-last': '0', 'keep-all': '0h', 'keep-yearly': '00'}, noRule],
  ['all rules turned off, and no tag', {'keep-last': '0', 'keep-tag': []}, noRule],
  // "$YEARS" in a script that does not set it. This must not remove the yearly snapshots.
  ['an empty text', {'keep-daily': ''}, /^--keep-daily "" is neither a count such as 7/],
  ['an empty text next to a rule', {'keep-daily': '7', 'keep-yearly': ''}, /^--keep-yearly ""/],
  ['an empty tag', {'keep-tag': ['']}, /^--keep-tag "" is not a tag/],
  ['an empty tag next to a rule', {'keep-last': '1', 'keep-tag': ['']}, /^--keep-tag ""/],
  ['an empty tag next to another', {'keep-tag': ['x', '']}, /^--keep-tag ""/],
]

describe('policy', () => {
  for (const [what, flags, expected] of policies) {
    it(`makes a policy of ${what}`, () => {
      expect(shown(flags)).to.equal(expected)
    })
  }

  for (const [what, flags, expected] of refusals) {
    it(`refuses ${what}`, () => {
      const error = refusal(flags)
      expect(error?.message).to.match(expected)
      expect(error?.code).to.equal('usage')
    })
  }

  it('distinguishes a window from a count', () => {
    expect(policyFrom({'keep-last': '5', 'keep-weekly': '30d'})).to.deep.equal({
      rules: [
        {rule: 'last', extent: {count: 5}},
        {rule: 'weekly', extent: {amount: 30, unit: 'd'}},
      ],
      tags: [],
    })
    expect(policyFrom({})).to.equal(defaultPolicy)
  })
})
