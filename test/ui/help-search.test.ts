import { expect, it } from 'vitest';
import { keyOf } from './key.ts';
import { openModel, plain } from './open-model.ts';

const help = (model: ReturnType<typeof openModel>['model']): string => model.frame().help?.join('\n') ?? '';

it('looks for keys in the help while one types, keeps what was found, and shows all again', () => {
  const { model, quits } = openModel();
  model.press('?', plain);
  const all = help(model);
  model.press('/suspend', plain);
  expect(help(model)).toContain('suspend the program with its proxy');
  expect(help(model)).not.toContain('next row');
  expect(model.frame().prompt).toBe(' /suspend▏');
  model.press('', keyOf({ return: true }));
  expect(model.frame().prompt).toBeNull();
  expect(help(model)).not.toContain('next row');
  model.press('/', plain);
  model.press('', keyOf({ escape: true }));
  expect(help(model)).toBe(all);
  model.press('/zzz', plain);
  expect(help(model)).toContain('no key does zzz');
  model.press('', keyOf({ return: true }));
  model.press('q?', plain);
  expect([help(model), quits]).toEqual([all, []]);
});
