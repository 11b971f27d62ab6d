import type { Action } from './action.ts';

/** What has a key among the requests and no subcommand. */
export const requestKeyActions: readonly Action[] = [
  {
    name: 'requests.filter',
    help: 'filter the requests as you type',
    screen: { keys: ['/', 'f'], group: 'requests', where: 'all', footer: 'filter', argument: 'filter' },
  },
  {
    name: 'requests.filter-toggle',
    help: 'filter off, or on again',
    screen: { keys: ['ctrl+f'], group: 'requests', where: 'requests', footer: 'filter off' },
  },
  {
    name: 'requests.next-error',
    help: 'next request that failed',
    screen: { keys: ['n'], group: 'requests', where: 'requests', footer: null },
  },
  {
    name: 'requests.previous-error',
    help: 'previous request that failed',
    screen: { keys: ['N'], group: 'requests', where: 'requests', footer: null },
  },
  {
    name: 'requests.freeze',
    help: 'freeze the list, or go on; nothing is lost',
    screen: { keys: ['space'], group: 'requests', where: 'requests', footer: 'freeze' },
  },
  {
    name: 'requests.follow',
    help: 'follow the newest, or stop following',
    screen: { keys: ['F'], group: 'requests', where: 'requests', footer: 'follow' },
  },
  {
    name: 'requests.columns-left',
    help: 'columns to the left',
    screen: { keys: ['h', 'left'], group: 'requests', where: 'requests', footer: null },
  },
  {
    name: 'requests.columns-right',
    help: 'columns to the right',
    screen: { keys: ['l', 'right'], group: 'requests', where: 'requests', footer: null },
  },
  {
    name: 'requests.wide',
    help: 'all columns, or what fits',
    screen: { keys: ['w'], group: 'requests', where: 'requests', footer: null },
  },
  {
    name: 'requests.clear',
    help: 'clear the view (asks)',
    screen: { keys: ['C'], group: 'requests', where: 'requests', footer: null },
  },
  {
    name: 'request.show',
    help: 'show the request, and why this account',
    screen: { keys: ['enter'], group: 'requests', where: 'requests', footer: 'why' },
  },
  {
    name: 'request.copy',
    help: 'copy the request: curl, JSON or id',
    screen: { keys: ['y'], group: 'requests', where: 'requests', footer: 'copy' },
  },
  {
    name: 'requests.export',
    help: 'write what is shown: NDJSON, HAR or CSV',
    screen: { keys: ['x'], group: 'requests', where: 'requests', footer: null },
  },
  {
    name: 'request.release',
    help: 'answer the held request with its 429',
    screen: { keys: ['r'], group: 'requests', where: 'requests', footer: 'release', changes: true },
  },
  {
    name: 'request.cancel',
    help: 'the same, and its client is told not to try again',
    screen: { keys: ['X'], group: 'requests', where: 'requests', footer: 'cancel', changes: true },
  },
];
