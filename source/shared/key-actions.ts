import type { Action } from './action.ts';

/** What has a key and no subcommand, in the order of the help. */
export const keyActions: readonly Action[] = [
  {
    name: 'account.toggle',
    help: 'pause or resume the selected account',
    screen: { keys: ['p', 'space'], where: 'accounts', footer: 'pause/resume', changes: true },
  },
  {
    name: 'select.next',
    help: 'next row',
    screen: { keys: ['j', 'down'], where: 'all', footer: null },
  },
  {
    name: 'select.previous',
    help: 'previous row; stops following the newest',
    screen: { keys: ['k', 'up'], where: 'all', footer: null },
  },
  {
    name: 'select.page-down',
    help: 'one page down',
    screen: { keys: ['pagedown', 'ctrl+d', 'ctrl+f'], where: 'all', footer: null },
  },
  {
    name: 'select.page-up',
    help: 'one page up',
    screen: { keys: ['pageup', 'ctrl+u', 'ctrl+b'], where: 'all', footer: null },
  },
  {
    name: 'select.first',
    help: 'first row',
    screen: { keys: ['g', 'home'], where: 'all', footer: null },
  },
  {
    name: 'select.last',
    help: 'last row; follows the newest again',
    screen: { keys: ['G', 'end'], where: 'all', footer: null },
  },
  {
    name: 'pane.next',
    help: 'next pane',
    screen: { keys: ['tab'], where: 'all', footer: 'pane' },
  },
  {
    name: 'pane.previous',
    help: 'previous pane',
    screen: { keys: ['shift+tab'], where: 'all', footer: null },
  },
  {
    name: 'pane.accounts',
    help: 'go to the accounts',
    screen: { keys: ['1'], where: 'all', footer: null },
  },
  {
    name: 'pane.requests',
    help: 'go to the requests',
    screen: { keys: ['2'], where: 'all', footer: null },
  },
  {
    name: 'pane.log',
    help: 'go to the log',
    screen: { keys: ['3'], where: 'all', footer: null },
  },
  {
    name: 'pane.zoom',
    help: 'give the pane the whole screen, or take it back',
    screen: { keys: ['z'], where: 'all', footer: 'zoom' },
  },
  {
    name: 'requests.freeze',
    help: 'freeze the list, or go on; nothing is lost',
    screen: { keys: ['space'], where: 'requests', footer: 'freeze' },
  },
  {
    name: 'requests.follow',
    help: 'follow the newest request, or stop following',
    screen: { keys: ['F'], where: 'requests', footer: 'follow' },
  },
  {
    name: 'log.toggle',
    help: 'show or hide the log',
    screen: { keys: ['L'], where: 'all', footer: null },
  },
  {
    name: 'client.connect',
    help: 'show what to set in a client',
    screen: { keys: ['c'], where: 'all', footer: 'connect' },
  },
  {
    name: 'undo',
    help: 'undo the last pause or resume, within 10 s',
    screen: { keys: ['u'], where: 'all', footer: null, changes: true },
  },
  { name: 'redraw', help: 'draw the screen anew', screen: { keys: ['ctrl+l'], where: 'all', footer: null } },
  {
    name: 'suspend',
    help: 'suspend the program, and the proxy with it',
    screen: { keys: ['ctrl+z'], where: 'all', footer: null },
  },
  { name: 'help', help: 'show or hide this help', screen: { keys: ['?'], where: 'all', footer: 'help' } },
  {
    name: 'back',
    help: 'close what is open',
    screen: { keys: ['escape'], where: 'all', footer: null },
  },
  {
    name: 'quit',
    help: 'quit; with requests in flight, again = at once',
    screen: { keys: ['q', 'ctrl+c'], where: 'all', footer: 'quit' },
  },
];
