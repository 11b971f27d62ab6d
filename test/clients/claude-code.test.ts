import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { claudeCode } from '../../source/clients/claude-code.ts';
import { Secret } from '../../source/shared/secret.ts';
import { randomSettings } from './random-settings.ts';

const wish = { origin: 'http://127.0.0.1:4180', token: new Secret('ccr_key1') };
const places = [...claudeCode.wished(wish).keys()];

const write = (text: string): string => {
  const edited = claudeCode.write(text, wish);
  if (!edited.ok) throw new Error(edited.problem);
  return edited.text;
};

test('put back place by place, any file says what it said before; to the byte where no object was empty', () => {
  fc.assert(
    fc.property(randomSettings, ({ text: withMark, value }) => {
      const text = withMark.replace(/^\uFEFF/, '');
      const bare = claudeCode.restore(write(text), text, places);
      expect(JSON.parse(bare)).toEqual(value);
      const hasEmpty = /\{\s*\}/.test(text);
      expect(hasEmpty || bare === text).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('what was written is read as what was wished, and so is the key', () => {
  const reading = claudeCode.read(write('{}'));
  if (!reading.ok) throw new Error(reading.problem);
  expect(reading.slots).toEqual(claudeCode.wished(wish));
  expect(claudeCode.tokenIn(reading.slots)?.reveal()).toBe('ccr_key1');
  expect(claudeCode.tokenIn(new Map([['env.ANTHROPIC_AUTH_TOKEN', '5']]))).toBeNull();
  expect(claudeCode.tokenIn(new Map())).toBeNull();
});

test('a masked file has no key in it, and no key more than before', () => {
  expect(claudeCode.mask(write('{}'), '[key]')).not.toContain('ccr_key1');
  expect(claudeCode.mask('{"env":{}}', '[key]')).toBe('{"env":{}}');
  expect(claudeCode.mask('{', '[key]')).toBe('{');
});

test('what the file adds to the environment is told, as far as it decides where requests go', () => {
  expect(claudeCode.environment('{"env":{"ANTHROPIC_API_KEY":"k","NO_PROXY":null,"EDITOR":"vi"}}')).toEqual({
    ANTHROPIC_API_KEY: 'k',
    NO_PROXY: '',
  });
  expect(claudeCode.environment('{"env":{"https_proxy":"p","no_proxy":"*"}}')).toEqual({
    https_proxy: 'p',
    no_proxy: '*',
  });
  expect(claudeCode.environment('{')).toEqual({});
});

test('the file lies in the folder that was given, else where Claude Code looks', () => {
  expect(claudeCode.path({ CLAUDE_CONFIG_DIR: '/c' }, 'd')).toBe(resolve('d', 'settings.json'));
  expect(claudeCode.path({ CLAUDE_CONFIG_DIR: '/c' }, null)).toBe('/c/settings.json');
  expect(claudeCode.path({ CLAUDE_CONFIG_DIR: '' }, null)).toBe(join(homedir(), '.claude', 'settings.json'));
});
