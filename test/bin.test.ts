import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';

const file = new URL('../distribution/bin.cjs', import.meta.url).pathname;
const text = readFileSync(file, 'utf8');

type Outcome = {
  stderr: string;
  exitCode: number | undefined;
  required: string[];
};

/** Runs the compiled file as a Node of that version would, and tells what it did. */
const runAs = (version: string): Outcome => {
  const outcome: Outcome = { stderr: '', exitCode: undefined, required: [] };
  const fake = {
    version: `v${version}`,
    versions: { node: version },
    execPath: '/usr/bin/node',
    exitCode: undefined as number | undefined,
    stderr: { write: (line: string) => (outcome.stderr += line) },
  };
  const require = (name: string) => {
    outcome.required.push(name);
    return { main: () => Promise.resolve() };
  };
  runInNewContext(text.replace(/^#!.*/, ''), { process: fake, require, exports: {} });
  return { ...outcome, exitCode: fake.exitCode };
};

describe('the entry of the installed program', () => {
  it.each(['4.9.1', '0.10.48', '18.20.8', '20.20.2', '21.7.3', '22.0.0', '22.18.9'])(
    'refuses Node %s in one line that names it, and loads nothing',
    (version) => {
      const { stderr, exitCode, required } = runAs(version);
      expect(stderr).toBe(`ccr-tui: needs Node.js 22.19 or newer; this is v${version} (/usr/bin/node)\n`);
      expect(exitCode).toBe(1);
      expect(required).toEqual([]);
    },
  );

  it.each(['22.19.0', '22.20.1', '23.0.0', '24.1.0', '26.10.0', '100.0.0'])(
    'starts on Node %s',
    (version) => {
      const { stderr, exitCode, required } = runAs(version);
      expect({ stderr, exitCode, required }).toEqual({
        stderr: '',
        exitCode: undefined,
        required: ['./cli.js'],
      });
    },
  );

  it('is written in what an old Node can parse', () => {
    const code = text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '');
    const later = [
      /=>/,
      /`/,
      /\?\?/,
      /\?\./,
      /\bimport\b/,
      /\basync\b/,
      /\bawait\b/,
      /\.\.\./,
      /\bclass\b/,
      /\blet\b/,
    ];
    expect(later.filter((syntax) => syntax.test(code))).toEqual([]);
    expect(code).toContain('process.versions.node');
    expect(text.startsWith('#!/usr/bin/env node\n')).toBe(true);
  });

  // Where the system has a Node of its own that is too old, as Debian 13 does, it is the real proof.
  const old = ['/usr/bin/node', '/usr/local/bin/node'].filter((path) => {
    if (!existsSync(path)) return false;
    const major = execFileSync(path, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' });
    return Number(major) < 22;
  });

  // Only where an old Node is installed; the versions themselves are tested above on every machine.
  it.runIf(old.length > 0)('is refused by the real old Node of this system', () => {
    const node = old[0] ?? '';
    let failure: unknown;
    try {
      execFileSync(node, [file, '--version'], { encoding: 'utf8', stdio: 'pipe' });
    } catch (error) {
      failure = error;
    }
    expect(failure).toMatchObject({ status: 1, stdout: '' });
    expect((failure as { stderr: string }).stderr).toMatch(
      /^ccr-tui: needs Node\.js 22\.19 or newer; this is v\d+\.\d+\.\d+ \(\/usr[^\n]*\)\n$/,
    );
  });
});
