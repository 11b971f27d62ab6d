import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useCommandHome } from '../kit/command-home.ts';

const home = useCommandHome({ inPlace: true });
const settings = (): string => join(home.path, '.claude', 'settings.json');
/** The usual folder, named: then they may be carried out in place. */
const client = (): string[] => ['claude-code', '--dir', join(home.path, '.claude')];
const connect = async (text: string): Promise<void> => {
  mkdirSync(join(home.path, '.claude'));
  writeFileSync(settings(), text);
  await home.run(['connect', ...client()]);
};
const replace = (from: string, to: string): void =>
  writeFileSync(settings(), readFileSync(settings(), 'utf8').replace(from, to));

describe('disconnect claude-code', () => {
  it('puts the exact bytes back and says so', async () => {
    const text = '\uFEFF{\t"x":1 }\r\n\r\n';
    await connect(text);
    const { code, stdout, stderr } = await home.run(['disconnect', ...client()]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(`Claude Code is disconnected: ${settings()} is byte for byte as it was before\n`);
    expect(readFileSync(settings(), 'utf8')).toBe(text);
    expect((await home.run(['disconnect', ...client()])).code).toBe(3);
  });

  it('after a change by others puts back only what it had set, and says so', async () => {
    await connect('{"x":1}');
    replace('"x":1', '"x":2');
    const { code, stdout } = await home.run(['disconnect', ...client()]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/was changed by others since; only what ccr-tui had set was put back\n$/);
    expect(readFileSync(settings(), 'utf8')).toBe('{"x":2}');
  });

  it('after our values were changed by hand writes nothing, exit 1; --force goes on', async () => {
    await connect('{"x":1}');
    replace('127.0.0.1', 'by.hand');
    const before = home.snapshot();
    const { code, stdout, stderr } = await home.run(['disconnect', ...client()]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^ccr-tui: [^\n]*env\.ANTHROPIC_BASE_URL changed[^\n]*--force[^\n]*\n$/);
    expect(home.snapshot()).toBe(before);
    expect((await home.run(['disconnect', ...client(), '--force'])).code).toBe(0);
    expect(readFileSync(settings(), 'utf8')).toBe('{"x":1}');
  });
});
