// Waits for a native job: polls its progress, and passes an abort on to it.
import type {Job, Progress} from './native.js'

export const progressInterval_ms = 100

/** How to follow work and how to stop it. Stopped work throws. */
export interface Following {
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  /** Receives a sentence about what the run is waiting for, if it takes longer than usual. */
  readonly onWait?: (text: string) => void
  /** The same about another run, for which the user wants to wait. */
  readonly onQueue?: (text: string) => void
  /** Aborted when the cleaning up after a stop is to be left to the next run. */
  readonly leave?: AbortSignal
}

export async function follow<T>(
  job: Job<T>,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<T> {
  const abort = (): void => {
    job.abort()
  }
  signal.addEventListener('abort', abort, {once: true})
  const timer = setInterval(() => {
    onProgress(job.progress())
  }, progressInterval_ms)
  try {
    if (signal.aborted) abort()
    return await job.done
  } finally {
    clearInterval(timer)
    if (signal.aborted) onProgress(job.progress()) // how much there is to clean up
    signal.removeEventListener('abort', abort)
  }
}
