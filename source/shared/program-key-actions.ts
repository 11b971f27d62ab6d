import type { Action } from './action.ts';

/** What has a key for the instance, the screen or the program and no subcommand. */
export const programKeyActions: readonly Action[] = [
  {
    name: 'client.connect',
    help: 'show what to set in a client',
    screen: { keys: ['c'], group: 'program', where: 'all', footer: 'connect' },
  },
  {
    name: 'client.write',
    help: 'connect Claude Code in its settings',
    screen: { keys: ['W'], group: 'program', where: 'all', footer: null, changes: true },
  },
  {
    name: 'demo.show',
    help: 'show a demo while there is no account',
    screen: { keys: ['d'], group: 'program', where: 'accounts', footer: null },
  },
  {
    name: 'strategy.choose',
    help: 'choose how accounts are chosen',
    screen: {
      keys: ['S'],
      group: 'program',
      where: 'all',
      footer: null,
      argument: 'strategy',
      changes: true,
    },
  },
  {
    name: 'undo',
    help: 'undo the last change (10 s)',
    screen: { keys: ['u'], group: 'program', where: 'all', footer: null, changes: true },
  },
  {
    name: 'theme.next',
    help: 'next theme, the colours',
    screen: { keys: ['t'], group: 'program', where: 'all', footer: null, argument: 'theme' },
  },
  {
    name: 'redraw',
    help: 'draw the screen anew',
    screen: { keys: ['ctrl+l'], group: 'program', where: 'all', footer: null },
  },
  {
    name: 'suspend',
    help: 'suspend the program with its proxy',
    screen: { keys: ['ctrl+z'], group: 'program', where: 'all', footer: null },
  },
  {
    name: 'action.ask',
    help: 'do something by its name',
    screen: { keys: [':'], group: 'program', where: 'all', footer: 'command' },
  },
  {
    name: 'help',
    help: 'show or hide this help',
    screen: { keys: ['?'], group: 'program', where: 'all', footer: 'help' },
  },
  {
    name: 'back',
    help: 'close what is open, then the filter',
    screen: { keys: ['escape'], group: 'program', where: 'all', footer: null },
  },
  {
    name: 'quit',
    help: 'quit; pressed again: at once, Esc: stay',
    screen: { keys: ['q', 'ctrl+c'], group: 'program', where: 'all', footer: 'quit' },
  },
];
