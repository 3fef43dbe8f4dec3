// The scenarios of the benchmark, in the order in which a series runs them.

export const titles = {
  first: 'first backup',
  unchanged: 'nothing changed',
  changed: '1 % changed',
  cold: 'nothing changed, cold cache',
  remove: 'removal of the oldest snapshot',
}

export const allScenarios = Object.keys(titles)
