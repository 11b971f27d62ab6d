import { expect, test } from 'vitest';
import { captureSentence } from '../../source/store/capture-sentence.ts';

test('says what is kept, or why nothing is where something should be, and nothing where all is as wished', () => {
  expect(captureSentence({ mode: 'off', reason: null })).toBeNull();
  expect(captureSentence({ mode: 'off', reason: 'no key' })).toBe('capture is off: no key');
  const all = 'capture is on (all): heads and bodies of all requests are kept, encrypted';
  expect(captureSentence({ mode: 'all', reason: null })).toBe(all);
  expect(captureSentence({ mode: 'all', reason: '2 captures missing' })).toBe(`${all}; 2 captures missing`);
  expect(captureSentence({ mode: 'errors', reason: null })).toContain('requests that end badly');
});
