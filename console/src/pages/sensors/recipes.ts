export interface Recipe {
  readonly id: string
  readonly title: string
  readonly note: string
  readonly lines: readonly string[]
}

/** How to connect the next source: at most five lines each, to be pasted as they are. `gateway` is the one that runs. */
export const recipesFor = (gateway = 'http://127.0.0.1:8080'): readonly Recipe[] => [
  {
    id: 'gateway',
    title: 'In front of a service',
    note: 'The gateway passes calls on to your service, sees all of them, and can stop some.',
    lines: [
      'npm start -- --upstream http://127.0.0.1:3000',
      '# then send your clients to the gateway instead of the service:',
      `curl ${gateway}/orders/7`,
    ],
  },
  {
    id: 'files',
    title: 'From a recording',
    note: 'Reads HAR, access logs and event lines. Nothing runs in front of anything.',
    lines: [
      'bin/sallyport analyze traffic.har access.log',
      '# what was normal before, first:',
      'bin/sallyport analyze today.jsonl --learn last-week.jsonl',
    ],
  },
  {
    id: 'ci',
    title: 'In a pipeline',
    note: 'Exits with 1 when there are findings of that severity or more.',
    lines: ['bin/sallyport analyze recorded.har --format sarif --fail-on high > sallyport.sarif'],
  },
]
