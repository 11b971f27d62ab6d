import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseCommandLine } from '../source/commands/parse-command-line.ts';
import { generatedSections, withGeneratedSections } from './kit/document-tables.ts';

const root = new URL('../', import.meta.url).pathname;
const read = (path: string): string => readFileSync(root + path, 'utf8');
const documents = globSync('*.md', { cwd: root });

describe('the generated tables', () => {
  it('are replaced between their markers, and nothing else is', () => {
    const names = Object.values(generatedSections).flat();
    const empty = names
      .map((name) => `text\n<!-- generated: ${name} -->\nold $& text\n<!-- end of ${name} -->\n`)
      .join('');
    const written = withGeneratedSections(empty, names);
    expect(written).not.toContain('old $&');
    expect(written.match(/^text$/gm)).toHaveLength(4);
    expect(written).toContain('| `ccr-tui account remove NAME` | remove an account and its secret |');
    expect(written).toContain('| `p` `Space` | accounts | pause or resume the account |');
    expect(written).toMatch(/^\| `port` \| `4180` \| /m);
    expect(withGeneratedSections(written, names)).toBe(written);
  });

  it('need their markers', () => {
    expect(() => withGeneratedSections('nothing here', ['commands'])).toThrow(/generated: commands/);
  });

  it.each(Object.entries(generatedSections))('are up to date in %s; else: npm run docs', (path, names) => {
    expect(withGeneratedSections(read(path), names)).toBe(read(path));
  });
});

describe('the documents', () => {
  it('are all there', () => {
    expect(documents).toEqual(
      expect.arrayContaining(['CHANGELOG.md', 'CONTRIBUTING.md', 'README.md', 'SECURITY.md']),
    );
  });

  it('have a README of at most 300 lines', () => {
    expect(read('README.md').split('\n').length).toBeLessThanOrEqual(300);
  });

  it('link only to files that exist', () => {
    const lost = documents.flatMap((path) =>
      [...read(path).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map((match) => match[1] ?? '')
        .filter((link) => !existsSync(join(root, dirname(path), link)))
        .map((link) => `${path}: ${link}`),
    );
    expect(lost).toEqual([]);
  });

  it('show every threat with a test that exists', () => {
    const rows = read('SECURITY.md')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .map((line) => line.split(' | '))
      .slice(2);
    expect(rows.length).toBeGreaterThan(15);
    for (const [threat, , tests = ''] of rows) {
      const paths = [...tests.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '');
      expect({ threat, paths, found: paths.filter((path) => existsSync(join(root, path))) }).toEqual({
        threat,
        paths: expect.arrayContaining([expect.stringMatching(/^test\/.+\.test\.ts$/)]),
        found: paths,
      });
    }
  });

  it('show only commands that the program takes', () => {
    const lines = documents.flatMap((path) =>
      [...read(path).matchAll(/```(?:sh|bash|console)\n([\s\S]*?)```/g)]
        .flatMap((match) => (match[1] ?? '').split('\n'))
        .map((line) => line.replace(/^\$ /, '').replace(/\s+#.*$/, ''))
        .filter((line) => /^(?:npx )?ccr-tui\b/.test(line))
        .map((line) => ({ path, line })),
    );
    const wrong = lines.filter(({ line }) => {
      const words = (line.replace(/^npx /, '').split(/ [|<>&] ?/)[0] ?? '').trim().split(/\s+/).slice(1);
      return parseCommandLine(words).kind === 'problem';
    });
    expect(wrong).toEqual([]);
    expect(lines.length).toBeGreaterThan(0);
  });
});
