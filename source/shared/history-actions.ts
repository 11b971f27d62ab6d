import { jsonOption, type Action } from './action.ts';

/** What a person can do with the record of finished requests. */
export const historyActions: readonly Action[] = [
  {
    name: 'history',
    help: 'list finished requests, oldest first',
    cli: {
      words: ['history'],
      args: [],
      options: [
        { name: 'since', value: 'AGE', help: 'how far back: 90s, 30m, 24h, 7d (default 24h)' },
        { name: 'filter', value: 'EXPR', help: "such as 'account:work status>=400 | is:retry'" },
        { name: 'limit', value: 'N', help: 'only the newest N' },
        { name: 'follow', value: null, help: 'go on with each request that finishes' },
        { name: 'json', value: null, help: 'one JSON object per line' },
        { name: 'csv', value: null, help: 'for a spreadsheet' },
        { name: 'har', value: null, help: 'HTTP archive 1.2, for tools that show timings' },
      ],
      examples: [
        'ccr-tui history',
        'ccr-tui history --since 7d --limit 100 --json',
        "ccr-tui history --filter 'status>=400|ms>30s' --csv",
        'ccr-tui history --follow --filter is:error',
      ],
    },
  },
  {
    name: 'history.show',
    help: 'one request, with what was captured of it',
    cli: {
      words: ['history', 'show'],
      args: ['ID'],
      options: [jsonOption],
      examples: ['ccr-tui history show mi2k9f3c-1a2b3c-0001 --json'],
    },
  },
  {
    name: 'history.prune',
    help: 'remove what is older than that from the history',
    cli: {
      words: ['history', 'prune'],
      args: [],
      options: [
        { name: 'older-than', value: 'AGE', help: 'such as 12h, 30d or 4w' },
        { name: 'export', value: 'FILE', help: 'write it to a new file before, as history --json does' },
      ],
      examples: ['ccr-tui history prune --older-than 30d --export before-november.ndjson'],
    },
  },
  {
    name: 'history.clear',
    help: 'remove the whole history, and what of it was set aside',
    cli: {
      words: ['history', 'clear'],
      args: [],
      options: [
        { name: 'export', value: 'FILE', help: 'write it to a new file before, as history --json does' },
        { name: 'force', value: null, help: 'do not ask' },
      ],
      examples: ['ccr-tui history clear', 'ccr-tui history clear --force'],
    },
  },
];
