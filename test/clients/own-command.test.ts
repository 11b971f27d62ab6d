import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ownAlias } from '../../source/clients/own-command.ts';

let folder = '';
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'ccr-own-'))));
afterEach(() => rmSync(folder, { recursive: true }));

/** A program that prints its home and arguments, in a folder of that name. */
const programIn = (...names: string[]): string => {
  const inside = join(folder, ...names);
  mkdirSync(inside, { recursive: true });
  const file = join(inside, 'ccr-tui');
  writeFileSync(file, '#!/bin/sh\nprintf "%s\\n" "home=$CCR_TUI_HOME" "$@"\n');
  chmodSync(file, 0o755);
  return file;
};

describe('ownAlias', () => {
  const own = { node: '/bin/sh', script: '/x/bin.cjs' };

  it('is not needed where a shell finds the program', () => {
    const path = [tmpdir(), join(programIn('bin'), '..')].join(delimiter);
    expect(ownAlias({ PATH: path }, own)).toBeNull();
  });

  it('does not count what is on the PATH for npm alone, nor what cannot be run', () => {
    const npm = join(programIn('node_modules', '.bin'), '..');
    expect(ownAlias({ PATH: npm }, own)).not.toBeNull();
    const file = programIn('plain');
    chmodSync(file, 0o644);
    expect(ownAlias({ PATH: join(file, '..') }, own)).not.toBeNull();
    expect(ownAlias({}, own)).not.toBeNull();
  });

  it.each(['plain', 'with blank', "it's", 'a"b', 'a$HOME`id`\\n', "'$x'\"\\"])(
    'makes the name a command from a folder called %s',
    (name) => {
      const script = programIn(name);
      const home = join(folder, name);
      const alias = ownAlias({ PATH: '/nowhere', CCR_TUI_HOME: home }, { node: '/bin/sh', script });
      // A shell reads aliases line by line, and only dash and an interactive bash expand them in a script.
      const ran = execFileSync('sh', ['-i'], {
        input: `${alias}\nccr-tui run -- 'two words'\n`,
        encoding: 'utf8',
        stdio: ['pipe', 'pipe', 'ignore'],
        env: { PATH: '/usr/bin:/bin' },
      });
      expect(ran.trim().split('\n').slice(-4)).toEqual([`home=${home}`, 'run', '--', 'two words']);
    },
  );

  it('is nothing a shell of Windows would take', () => {
    expect(ownAlias({ PATH: '/nowhere' }, own, 'win32')).toBeNull();
  });
});
