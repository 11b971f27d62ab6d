import type { Action } from './action.ts';

/** Keys that move in a list, and between panes. */
export const moveActions: readonly Action[] = [
  {
    name: 'select.next',
    help: 'next row',
    screen: { keys: ['j', 'down'], group: 'move', where: 'all', footer: null },
  },
  {
    name: 'select.previous',
    help: 'previous row; ends following',
    screen: { keys: ['k', 'up'], group: 'move', where: 'all', footer: null },
  },
  {
    name: 'select.page-down',
    help: 'one page down',
    screen: { keys: ['pagedown', 'ctrl+d'], group: 'move', where: 'all', footer: null },
  },
  {
    name: 'select.page-up',
    help: 'one page up',
    screen: { keys: ['pageup', 'ctrl+u', 'ctrl+b'], group: 'move', where: 'all', footer: null },
  },
  {
    name: 'select.first',
    help: 'first row',
    screen: { keys: ['g', 'home'], group: 'move', where: 'all', footer: null },
  },
  {
    name: 'select.last',
    help: 'last row; follows again',
    screen: { keys: ['G', 'end'], group: 'move', where: 'all', footer: null },
  },
  {
    name: 'pane.next',
    help: 'next pane',
    screen: { keys: ['tab'], group: 'panes', where: 'all', footer: 'pane' },
  },
  {
    name: 'pane.previous',
    help: 'previous pane',
    screen: { keys: ['shift+tab'], group: 'panes', where: 'all', footer: null },
  },
  {
    name: 'pane.accounts',
    help: 'go to the accounts',
    screen: { keys: ['1'], group: 'panes', where: 'all', footer: null },
  },
  {
    name: 'pane.requests',
    help: 'go to the requests',
    screen: { keys: ['2'], group: 'panes', where: 'all', footer: null },
  },
  {
    name: 'pane.log',
    help: 'go to the log',
    screen: { keys: ['3'], group: 'panes', where: 'all', footer: null },
  },
  {
    name: 'statistics.show',
    help: 'statistics, hour to 30 days',
    screen: { keys: ['4', 'T'], group: 'panes', where: 'all', footer: null, argument: 'range' },
  },
  {
    name: 'pane.zoom',
    help: 'zoom the pane, or go back',
    screen: { keys: ['z'], group: 'panes', where: 'all', footer: 'zoom' },
  },
  {
    name: 'list.sort',
    help: 'sort by the next column',
    screen: { keys: ['o'], group: 'panes', where: 'all', footer: null },
  },
  {
    name: 'list.reverse',
    help: 'sort the other way round',
    screen: { keys: ['O'], group: 'panes', where: 'all', footer: null },
  },
  {
    name: 'log.toggle',
    help: 'show or hide the log',
    screen: { keys: ['L'], group: 'panes', where: 'all', footer: null },
  },
];
