import { afterEach, expect, test } from 'vitest';
import { tellUnknownWords } from '../../source/proxy/tell-unknown-words.ts';
import { fixture, reading, window } from '../balancer/sample.ts';
import { answerAll, answerBytes, ask, endAll, inFrontOf } from './start-proxy.ts';

afterEach(endAll);

const listen = (): { lines: string[]; tell: ReturnType<typeof tellUnknownWords> } => {
  const lines: string[] = [];
  return { lines, tell: tellUnknownWords((level, text) => lines.push(`${level}: ${text}`)) };
};

test('a word that nobody knows is told once, wherever it stands, and words that are known are not', () => {
  const { lines, tell } = listen();
  for (const name of ['unified-allowed', 'unified-warning', 'unified-rejected-5h', 'classic-apikey']) {
    tell('work', reading(fixture(name).headers));
  }
  expect(lines).toEqual([]);
  for (let n = 0; n < 100; n += 1)
    tell('work', { status: null, windows: [window('5h', { status: 'dozing' })] });
  tell('home', { status: 'dozing', windows: [] });
  expect(lines).toEqual([
    'warning: work: the server says dozing of its 5h limit; ccr-tui does not know that word and takes it for no refusal',
  ]);
  tell('home', { status: 'asleep', windows: [] });
  expect(lines[1]).toContain('home: the server says asleep of its limits');
});

test('what a server makes up neither fills the log nor reaches a terminal as it is', () => {
  const { lines, tell } = listen();
  for (let n = 0; n < 1000; n += 1) tell('work', { status: `\u001B[2J${n}`, windows: [] });
  expect(lines.length).toBeLessThanOrEqual(50);
  expect(lines.join('')).not.toContain('\u001B');
});

test('an answer with such a word is passed on, its account goes on serving, and the log has one line', async () => {
  const headers = { 'anthropic-ratelimit-unified-5h-status': 'dozing' };
  const proxy = await inFrontOf(answerAll(answerBytes(200, headers, '{}')));
  for (let n = 0; n < 3; n += 1) expect((await ask(proxy)).response?.startLine).toContain('200');
  await proxy.row(2);
  expect(proxy.eventsOf('logged').filter(({ text }) => text.includes('dozing'))).toHaveLength(1);
});
