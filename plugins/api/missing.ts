export type Question = 'item' | 'job' | 'template' | 'agent' | 'host'

/** Why there is no such thing, in words. @param held what stands in the way of knowing more */
export function missing(question: Question, wanted: string, held: string | undefined): string {
  const why = held === undefined ? '' : ` At the moment: ${held}.`
  return `${words(question, wanted)}${why}`
}

function words(question: Question, wanted: string): string {
  switch (question) {
    case 'item':
      return `There is no item ${wanted} in the queue: it has started, or was cancelled.`
    case 'job':
      return `No build of ${wanted} is in the queue.`
    case 'template':
      return `There is no template ${wanted}.`
    case 'agent':
      return `There is no agent ${wanted}: it has gone, or never was.`
    case 'host':
      return `There is no host ${wanted}: none of our agents runs on it, and it has offered nothing.`
  }
}
