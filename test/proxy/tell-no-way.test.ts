import { expect, test } from 'vitest';
import { tellNoWay } from '../../source/proxy/tell-no-way.ts';

test('the same trouble makes one line in ten seconds, another one a line of its own', () => {
  let now = 5;
  const lines: string[] = [];
  const tell = tellNoWay((level, text) => lines.push(`${level}: ${text}`), { monotonic: () => now });
  for (let n = 0; n < 100; n += 1) tell('p:1', 'it answers 403');
  expect(lines).toEqual([
    'warning: no way to the providers through the proxy p:1 (HTTPS_PROXY): it answers 403',
  ]);
  tell('p:1', 'it ended the connection');
  expect(lines).toHaveLength(2);
  now += 9999;
  tell('p:1', 'it ended the connection');
  expect(lines).toHaveLength(2);
  now += 1;
  tell('p:1', 'it ended the connection');
  expect(lines).toHaveLength(3);
});
