// The setting of colours, a part of the table in settings.ts.

export const colourSettings = {
  color: {
    type: 'text',
    value: 'WHEN',
    options: ['auto', 'always', 'never'],
    group: 'OUTPUT',
    summary: 'Use colours: auto (on a terminal, without NO_COLOR), always or never.',
  },
} as const
