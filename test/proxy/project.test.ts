import * as fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { projectOf } from '../../source/proxy/project.ts';
import { hostileCharacter } from '../kit/hostile-text.ts';
import { startRawUpstream } from '../kit/raw-upstream.ts';
import { answerAll, ask, endAll, ending, startProxy } from './start-proxy.ts';

afterEach(endAll);

const header = (text: string) => ({ 'x-ccr-project': Buffer.from(text, 'utf8').toString('latin1') });

test('the label of the request counts before the name of its key, and no key is no project', () => {
  expect(projectOf(header(' website '), 'ci')).toBe('website');
  expect(projectOf({}, 'ci')).toBe('ci');
  expect(projectOf(header('  '), 'ci')).toBe('ci');
  expect(projectOf({}, 'default')).toBeNull();
});

test('a label in UTF-8 is read as it was written, and other bytes as they came', () => {
  expect(projectOf(header('Büro 事務所'), 'default')).toBe('Büro 事務所');
  expect(projectOf({ 'x-ccr-project': 'B\u{fc}ro' }, 'default')).toBe('Büro');
});

test('whatever a client says, the label is short and safe on a terminal, and the same when it is cleaned again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const label = projectOf(header(text), 'ci');
      expect(label?.length).toBeLessThanOrEqual(64);
      expect(label).not.toMatch(hostileCharacter);
      expect(label).not.toBe('');
    }),
  );
});

test('a credential in the place of a label is not kept', () => {
  expect(projectOf(header('sk-ant-api03-abcdefghijklmnopqrstuvwx'), 'default')).toBe('[secret]');
});

test('the label stands in the row of the request, and never goes upstream', async () => {
  const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}';
  const upstream = ending(await startRawUpstream(answerAll(answer)));
  const proxy = await startProxy([{ name: 'work', url: upstream.url }]);
  await ask(proxy, { headers: { 'X-Ccr-Project': 'website' } });
  expect((await proxy.row()).project).toBe('website');
  expect(upstream.connections[0]?.received().toString('latin1')).not.toMatch(/project|website/i);
});
