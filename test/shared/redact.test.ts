import { Buffer } from 'node:buffer';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { maskShapes, maskWords, wordsOf } from '../../source/shared/redact.ts';
import { inRun } from '../kit/long-run.ts';

const latin1 = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');
const key = 'sk-ant-api03-Zq7Rt2Wv9Xb4Nc6Md8Kf3';
const ours = `ccr_${'Ab3-_'.repeat(8)}xyz`;

describe('maskShapes', () => {
  it.each([
    [`a key ${key}, and`, 'a key [secret], and'],
    [`{"k":"${ours}"}`, '{"k":"[secret]"}'],
    // Within JSON and URLs the letter before it belongs to an escape.
    [`"line\\n${key}"`, '"line\\n[secret]"'],
    [`"\\u000a${key}"`, '"\\u000a[secret]"'],
    [`?q=%0A${key}`, '?q=%0A[secret]'],
    ['eyJhbGciOiJI.eyJzdWIiOiIx.c2ln!', '[secret]!'],
    ['{"a":"Bearer abcdefgh1234\\n"}', '{"a":"Bearer [secret]\\n"}'],
  ])('%j becomes %j', (text, masked) => {
    expect(maskShapes(text, true)).toBe(masked);
  });

  it.each(['claude-opus-5-5', 'task-0123456789abcdefghij', 'sk-short', '', 'risk-assessment-framework'])(
    'leaves %j as it is',
    (text) => {
      expect(maskShapes(text, true)).toBe(text);
    },
  );

  it('takes linear time, also at a cut', () => {
    const begun = performance.now();
    for (const text of ['sk-', 'bearer ', 'eyJ', 'eyJa.', 'a\\n', 'bearer%20x', '-']) {
      maskShapes(text.repeat(Math.ceil(1_000_000 / text.length)), false);
    }
    expect(performance.now() - begun).toBeLessThan(3000);
  });
});

describe('maskWords', () => {
  const secret = 'p@ss/w"örd+long';
  const words = wordsOf([secret, 'short']);

  it('finds a secret as it is, within JSON, and within a URL', () => {
    const text = latin1(`${secret} ${JSON.stringify(secret)} ${encodeURIComponent(secret)} short`);
    expect(maskWords(text, words, true)).toBe('[secret] "[secret]" [secret] short');
    expect(maskWords(latin1('"p@ss\\/w\\"örd+long"'), words, true)).toBe('"[secret]"');
  });

  it('leaves everything else as it is, byte for byte', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const text = Buffer.from(bytes).toString('latin1');
        expect(maskWords(text, words, true)).toBe(text);
      }),
      { numRuns: inRun(50, 5000) },
    );
  });
});

it('leaves no eight characters of a secret, wherever a body was cut', () => {
  const known = 'Wv9Xb4Nc6Md8Kf3Zq7Rt2';
  const secrets = [key, ours, known];
  const words = wordsOf([known]);
  // What tells one key from another.
  const parts = secrets.flatMap((secret) => {
    const own = secret.replace(/^sk-ant-api03-|^ccr_/, '');
    return Array.from({ length: own.length - 7 }, (_, at) => own.slice(at, at + 8));
  });
  const filler = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes).toString('latin1'));
  fc.assert(
    fc.property(filler, fc.constantFrom(...secrets), filler, fc.nat(120), (before, secret, after, at) => {
      const whole = `${before} ${secret} ${after}`;
      const text = whole.slice(0, at);
      const clean = maskShapes(maskWords(text, words, false), false);
      expect(parts.filter((part) => clean.includes(part))).toEqual([]);
      const all = maskShapes(maskWords(whole, words, true), true);
      expect(parts.filter((part) => all.includes(part))).toEqual([]);
    }),
    { numRuns: inRun(300, 5000) },
  );
});
