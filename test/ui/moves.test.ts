import { expect, it } from 'vitest';
import { screenActions } from '../../source/ui/keymap.ts';
import { clamp, movedBy, moves } from '../../source/ui/moves.ts';

const place = { page: 10, last: 99 };

it('every key that moves in the panes moves in a dialog, too, and no other key does', () => {
  for (const { name, screen } of screenActions) {
    for (const key of screen.keys) {
      const move = moves[name];
      expect(movedBy(key, 50, place)).toBe(move === undefined ? 50 : move(50, place.page, place.last));
    }
  }
  expect(movedBy('j', 50, place)).toBe(51);
  expect(movedBy('G', 50, place)).toBe(99);
  expect(movedBy('__proto__', 50, place)).toBe(50);
});

it('keys that move mean it in every pane', () => {
  const moving = screenActions.filter(({ name }) => name in moves);
  expect(moving.map(({ name }) => name).toSorted()).toEqual(Object.keys(moves).toSorted());
  expect(new Set(moving.map(({ screen }) => screen.where))).toEqual(new Set(['all']));
});

it('a page leaves one line in view, and nothing leads out of the list', () => {
  expect(movedBy('pagedown', 0, place)).toBe(9);
  expect(movedBy('ctrl+d', 95, place)).toBe(99);
  expect(movedBy('pageup', 3, place)).toBe(0);
  expect(movedBy('k', 0, place)).toBe(0);
  expect(movedBy('pagedown', 0, { page: 1, last: 3 })).toBe(1);
  expect(movedBy('j', 7, { page: 10, last: 3 })).toBe(3);
  expect([clamp(5, -1), movedBy('G', 0, { page: 1, last: -1 })]).toEqual([0, 0]);
});
