import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';

export type ImportKind = 'static' | 'type' | 'dynamic' | 'worker';
export type Import = {
  /** As written; `*` where a template puts something in. */
  name: string;
  kind: ImportKind;
  /** Path under source/ of a file of ours; null for a package, a built-in, or a file that does not exist. */
  file: string | null;
};
export type SourceFile = {
  /** Path under source/, with forward slashes. */
  path: string;
  text: string;
  imports: Import[];
};

export const sourceFolder = new URL('../../source/', import.meta.url).pathname;

const forms: readonly { kind: ImportKind; pattern: RegExp }[] = [
  { kind: 'type', pattern: /^[ \t]*(?:import|export)[ \t]+type\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]/gm },
  { kind: 'static', pattern: /^[ \t]*import(?![ \t]+type\b)\b[^'"`;(]*?\bfrom\s*['"]([^'"]+)['"]/gm },
  { kind: 'static', pattern: /^[ \t]*export(?![ \t]+type\b)\s*[{*][^'"`;(]*?\bfrom\s*['"]([^'"]+)['"]/gm },
  { kind: 'static', pattern: /^[ \t]*import\s*['"]([^'"]+)['"]/gm },
  { kind: 'type', pattern: /\btypeof\s+import\(\s*['"]([^'"]+)['"]/g },
  { kind: 'dynamic', pattern: /(?<!typeof\s)\b(?:import|require)\(\s*['"]([^'"]+)['"]/g },
  { kind: 'worker', pattern: /\bnew URL\(\s*['"`](\.[^'"`]+)['"`]\s*,\s*import\.meta\.url/g },
];

const withoutComments = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|[^:'"`\\])\/\/.*$/gm, '$1');

/** Every import in a text, in the order of appearance, with its kind. */
export const importsOf = (text: string): { name: string; kind: ImportKind }[] => {
  const code = withoutComments(text);
  return forms
    .flatMap(({ kind, pattern }) =>
      [...code.matchAll(pattern)].map((match) => ({
        at: match.index,
        kind,
        name: (match[1] ?? '').replace(/\$\{[^}]*\}/g, '*'),
      })),
    )
    .sort((a, b) => a.at - b.at)
    .map(({ name, kind }) => ({ name, kind }));
};

/** The file of ours an import leads to: as it stands, or the source of the compiled name. */
const resolve = (from: string, name: string): string | null => {
  if (!name.startsWith('.')) return null;
  const path = normalize(join(dirname(from), name)).replaceAll('\\', '/');
  const stem = path.replace(/(?:\.[cm]?[jt]sx?|\.?\*+)+$/, '');
  const candidates = [path, ...['.ts', '.tsx', '.cts'].map((suffix) => stem + suffix)];
  return candidates.find((file) => !file.startsWith('..') && existsSync(join(sourceFolder, file))) ?? null;
};

/** Every source file with its imports. */
export const readSource = (): SourceFile[] =>
  globSync('**/*.{ts,tsx,cts}', { cwd: sourceFolder })
    .map((path) => relative('.', path).replaceAll('\\', '/'))
    .sort()
    .map((path) => {
      const text = readFileSync(join(sourceFolder, path), 'utf8');
      const imports = importsOf(text).map(({ name, kind }) => ({ name, kind, file: resolve(path, name) }));
      return { path, text, imports };
    });
