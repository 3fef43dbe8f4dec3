// The histories as commands that only read see them: a source given as NAME=PATH and one of the same
// host, name and path are one history, because no flag could tell them apart. Pure.
import {Classes, holdingsOf, nameOf, placeOf, SeriesView} from './series.js'
import type {Holding, Member, SeriesKey} from './series.js'

export class ReadingSeries {
  readonly view: SeriesView
  private readonly classes = new Classes()
  private readonly names = new Map<SeriesKey, string>()

  /** `members` is sorted newest first. */
  constructor(members: readonly Member[]) {
    this.view = new SeriesView(members)
    const held = members.flatMap((member) => holdingsOf(member) ?? [])
    const seen = new Map<string, SeriesKey>()
    for (const item of held) {
      if (typeof item !== 'string') this.join(item, seen)
    }
    for (const item of held) for (const key of this.keysOf(item)) this.names.set(key, nameOf(item))
  }

  /** Its history; several only if it is unknown which one. */
  keysOf(held: Holding | string): readonly SeriesKey[] {
    return [...new Set(this.view.keysOf(held).map((key) => this.classes.find(key)))]
  }

  /** Whether a snapshot holds a history, or may hold it. */
  isIn(member: Member, key: SeriesKey): boolean {
    const keys = this.view.of(member)
    return keys === null || [...keys].some((other) => this.classes.find(other) === key)
  }

  /** The name for people; the name of its source alone if no other history has it. */
  labelOf(key: SeriesKey): string {
    const name = this.names.get(key)
    const others = [...this.names].filter(([other, text]) => text === name && other !== key)
    return name === undefined || others.length > 0 ? this.view.labelOf(key) : name
  }

  private join(held: Holding, seen: Map<string, SeriesKey>): void {
    const own = this.view.ownKey(held)
    const host = this.view.hostOf(held)
    // A key that another history continued is a history of its own.
    if (host === null || own !== this.view.plainKey(held)) return
    const place = JSON.stringify([host, held.name, placeOf(held)])
    for (const key of this.view.keysOf(held)) this.classes.join(seen.get(place) ?? key, key)
    seen.set(place, this.view.keysOf(held)[0] ?? own)
  }
}
