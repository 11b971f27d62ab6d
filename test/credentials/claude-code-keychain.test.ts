import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { claudeCodeKeychain, keychainItem } from '../../source/credentials/claude-code-keychain.ts';

// A stand-in for /usr/bin/security of macOS: keeps one item in a file, and writes down what it was called with.
const root = mkdtempSync(join(tmpdir(), 'ccr-claude-keychain-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const program = join(root, 'security');
const [itemFile, callFile] = [join(root, 'item'), join(root, 'calls')];
writeFileSync(
  program,
  `#!${process.execPath}
const { appendFileSync, existsSync, readFileSync, writeFileSync } = require('node:fs');
const args = process.argv.slice(2);
appendFileSync(${JSON.stringify(callFile)}, args.join(' ') + '\\n');
if (existsSync(${JSON.stringify(join(root, 'locked'))})) process.exit(36);
if (args[0] === 'find-generic-password') {
  if (!existsSync(${JSON.stringify(itemFile)})) process.exit(44);
  process.stdout.write(readFileSync(${JSON.stringify(itemFile)}, 'utf8') + '\\n');
} else {
  const line = readFileSync(0, 'utf8');
  const [, service, account, hex] = /-s "([^"]*)" -a "([^"]*)" -X ([0-9a-f]+)\\n$/.exec(line);
  appendFileSync(${JSON.stringify(callFile)}, service + '|' + account + '\\n');
  writeFileSync(${JSON.stringify(itemFile)}, Buffer.from(hex, 'hex'));
}
`,
);
chmodSync(program, 0o755);

beforeEach(() => {
  for (const name of ['item', 'calls', 'locked']) rmSync(join(root, name), { force: true });
});

const item = keychainItem(null, 'ann');
const keychain = claudeCodeKeychain(item, program);

describe('the keychain item of Claude Code on macOS (against a stand-in)', () => {
  test('is named as Claude Code names it', () => {
    expect(item).toEqual({ service: 'Claude Code-credentials', account: 'ann' });
    // printf %s /Users/ann/.claude-work | sha256sum | cut -c1-8
    const { service } = keychainItem('/Users/ann/.claude-work', 'ann');
    expect(service).toMatch(/^Claude Code-credentials-[0-9a-f]{8}$/);
    // The same name however the system spells its letters.
    expect(keychainItem('/Users/ann/caf\u0065\u0301')).toEqual(keychainItem('/Users/ann/caf\u00e9'));
  });

  test('is read, replaced and read back; no token is ever among the arguments', async () => {
    writeFileSync(itemFile, '{"a":"marker-one"}');
    expect(await keychain.read()).toBe('{"a":"marker-one"}');
    expect(await keychain.replace('{"a":"marker-one"}', '{"a":"marker-two"}')).toBe(true);
    expect(await keychain.read()).toBe('{"a":"marker-two"}');
    const calls = readFileSync(callFile, 'utf8');
    expect(calls).toContain('Claude Code-credentials|ann');
    expect(calls).not.toContain('marker');
    expect(calls).not.toContain(Buffer.from('marker').toString('hex'));
  });

  test('is read where the program prints it in hexadecimal', async () => {
    writeFileSync(itemFile, Buffer.from('{"a":"ü"}').toString('hex'));
    expect(await keychain.read()).toBe('{"a":"ü"}');
  });

  test('is null when there is none, and is not made anew', async () => {
    expect(await keychain.read()).toBeNull();
    expect(await keychain.replace('one', 'two')).toBe(false);
    expect(existsSync(itemFile)).toBe(false);
  });

  test('is not replaced when it has changed, nor cut when it is too long for a line', async () => {
    writeFileSync(itemFile, 'other');
    expect(await keychain.replace('one', 'two')).toBe(false);
    const refused = { code: 'store_unavailable' };
    await expect(keychain.replace('other', 'x'.repeat(4000))).rejects.toMatchObject(refused);
    expect(readFileSync(itemFile, 'utf8')).toBe('other');
  });

  test('a locked keychain, and a program that is not there, are said', async () => {
    writeFileSync(join(root, 'locked'), '');
    const refused = { code: 'store_unavailable', message: expect.stringContaining('keychain') };
    await expect(keychain.read()).rejects.toMatchObject(refused);
    await expect(claudeCodeKeychain(item, join(root, 'none')).read()).rejects.toMatchObject(refused);
  });
});
