import { expect, it } from 'vitest';
import { askedBy, askedOnScreen } from '../../source/commands/asked-by.ts';

it('a command is asked for by its own person, unless a screen had it carried out', () => {
  expect(askedBy({})).toBe('cli');
  expect(askedBy({ CCR_TUI_ASKED_BY: 'instance' })).toBe('cli');
  const env = { CCR_TUI_HOME: '/home' };
  expect(askedBy(askedOnScreen(env, 'screen'))).toBe('screen');
  expect(askedBy(askedOnScreen(env, 'attached'))).toBe('attached');
  expect(askedOnScreen(env, 'attached')).toMatchObject(env);
});
