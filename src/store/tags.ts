// The file .backup_tags of a snapshot: all its tags, which replace those of its marker.
import {array, safeParse, string} from 'valibot'

const schema = array(string())

/** Null if the text is damaged. */
export function parseTags(text: string): string[] | null {
  try {
    const {success, output} = safeParse(schema, JSON.parse(text))
    return success ? [...new Set(output)].filter((tag) => tag !== '') : null
  } catch {
    return null // it is not JSON, or nested too deeply for the stack
  }
}

export const formatTags = (tags: readonly string[]): string => `${JSON.stringify(tags)}\n`
