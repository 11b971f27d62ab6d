import { expect, test } from 'vitest';
import { listModels, showModel } from '../../source/demo/models.ts';

type Page = { data: { id: string; type: string }[]; has_more: boolean; first_id: string; last_id: string };
const page = (query: string): Page => JSON.parse(listModels(new URLSearchParams(query)).body) as Page;

test('all models come on one page, or on several that join without a gap', () => {
  const all = page('limit=1000');
  expect(all.has_more).toBe(false);
  const first = page('limit=2');
  const second = page(`limit=1000&after_id=${first.last_id}`);
  expect([first.has_more, second.has_more]).toEqual([true, false]);
  expect([...first.data, ...second.data]).toEqual(all.data);
});

test.each(['limit=x', 'limit=-1', 'limit=', 'after_id=nope'])('%s does no harm', (query) => {
  expect(page(query).data.length).toBeGreaterThan(0);
});

test('one model can be shown, an unknown one is 404', () => {
  const { id } = page('').data[0]!;
  expect(JSON.parse(showModel(id, 'req_1').body)).toMatchObject({ type: 'model', id });
  expect(showModel('gpt', 'req_1').status).toBe(404);
});
