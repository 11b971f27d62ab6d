import { describe, expect, it } from 'vitest';
import { importsOf, readSource, type Import, type SourceFile } from './kit/read-source.ts';

// Who may import whom: the map in CONTRIBUTING.md, held here. A folder may always import itself.
const everything = [
  'shared',
  'config',
  'credentials',
  'balancer',
  'simulate',
  'translate',
  'proxy',
  'store',
  'history',
  'control',
  'clients',
  'commands',
  'ui',
  'demo',
];
const mayImport: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  config: ['shared'],
  balancer: ['shared'],
  simulate: ['shared', 'balancer'],
  translate: ['shared'],
  store: ['shared'],
  control: ['shared'],
  demo: ['shared'],
  history: ['shared', 'store'],
  credentials: ['shared', 'config'],
  clients: ['shared', 'config', 'control'],
  proxy: ['shared', 'config', 'balancer', 'translate', 'credentials'],
  ui: ['shared', 'store'],
  commands: [
    'shared',
    'config',
    'credentials',
    'control',
    'store',
    'history',
    'clients',
    'balancer',
    'simulate',
  ],
  // The files at the top: the entries and the composition root.
  '': everything,
};

// Packages that cost start-up time or open something when they load: never among the imports that run at once.
const heavy = new Set([
  '@opentelemetry/api',
  '@opentelemetry/exporter-trace-otlp-http',
  '@opentelemetry/resources',
  '@opentelemetry/sdk-trace',
  'conf',
  'got',
  'ink',
  'ink-table',
  'keytar',
  'proper-lockfile',
  'react',
  'react/jsx-runtime',
  'node:http',
  'node:https',
  'node:sqlite',
  'node:worker_threads',
]);
const onlyIn: Readonly<Record<string, RegExp>> = {
  ink: /^ui\//,
  'ink-table': /^ui\//,
  keytar: /^credentials\/keychain[^/]*\.ts$/,
  conf: /^config\//,
  got: /^credentials\//,
  'node:sqlite': /^history\//,
};

const files = readSource();
const folderOf = (path: string): string => (path.includes('/') ? path.slice(0, path.indexOf('/')) : '');
const byPath = new Map(files.map((file) => [file.path, file]));

const edges = files.flatMap((file) =>
  file.imports.flatMap((entry) => (entry.file === null ? [] : [{ from: file.path, to: entry.file, entry }])),
);

/** Every file that is loaded when this one is: its imports at the top, and theirs. */
const loadedWith = (path: string, seen = new Set<string>()): Set<string> => {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const { file, kind } of byPath.get(path)?.imports ?? []) {
    if (file !== null && kind === 'static') loadedWith(file, seen);
  }
  return seen;
};

const packagesLoadedWith = (path: string): string[] =>
  [...loadedWith(path)].flatMap((file) =>
    (byPath.get(file)?.imports ?? []).filter(({ kind }) => kind === 'static').map(({ name }) => name),
  );

/** A cycle of imports that run at load time, as the files on it; null when there is none. */
const cycle = (): string[] | null => {
  const done = new Set<string>();
  const visit = (path: string, trail: string[]): string[] | null => {
    if (trail.includes(path)) return [...trail.slice(trail.indexOf(path)), path];
    if (done.has(path)) return null;
    for (const { file, kind } of byPath.get(path)?.imports ?? []) {
      const found = file === null || kind === 'type' ? null : visit(file, [...trail, path]);
      if (found !== null) return found;
    }
    done.add(path);
    return null;
  };
  for (const { path } of files) {
    const found = visit(path, []);
    if (found !== null) return found;
  }
  return null;
};

describe('the reader of imports', () => {
  const sample = `
    import { a } from './a.ts';
    import type { B } from '../shared/b.ts';
    import {
      c,
    } from 'package';
    import './effect.ts';
    export { d } from './d.ts';
    export * from './all.ts';
    // import { no } from './comment.ts';
    const text = "https://example.com"; const e = await import('./late.ts');
    let g: typeof import('./typed.ts');
    new Worker(new URL('./worker.ts', import.meta.url));
    new Worker(new URL(\`./worker-\${n}.\${extension}\`, import.meta.url));
    require('./plain.js');
    /* import './block.ts' */
  `;

  it('sees every form of import and no comment', () => {
    expect(importsOf(sample).map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'static ./a.ts',
      'type ../shared/b.ts',
      'static package',
      'static ./effect.ts',
      'static ./d.ts',
      'static ./all.ts',
      'dynamic ./late.ts',
      'type ./typed.ts',
      'worker ./worker.ts',
      'worker ./worker-*.*',
      'dynamic ./plain.js',
    ]);
  });

  it('finds the whole program', () => {
    expect(files.length).toBeGreaterThan(30);
    expect(edges.length).toBeGreaterThan(60);
    expect(files.map(({ path }) => path)).toContain('shared/errors.ts');
  });
});

describe('the house', () => {
  it('has no folder that the map does not name', () => {
    expect(
      [...new Set(files.map(({ path }) => folderOf(path)))].filter((name) => !(name in mayImport)),
    ).toEqual([]);
  });

  it('has every relative import lead to a file', () => {
    const lost = files.flatMap(({ path, imports }: SourceFile) =>
      imports
        .filter(({ name, file }: Import) => name.startsWith('.') && file === null)
        .map(({ name }) => `${path} → ${name}`),
    );
    expect(lost.filter((line) => line !== 'version.ts → ../package.json')).toEqual([]);
  });

  it('has arrows in the allowed directions only', () => {
    const wrong = edges
      .filter(({ from, to }) => folderOf(from) !== folderOf(to))
      .filter(({ from, to }) => !mayImport[folderOf(from)]?.includes(folderOf(to)))
      .map(({ from, to }) => `${from} → ${to}`);
    expect(wrong).toEqual([]);
  });

  it('has nobody import the entries', () => {
    const entries = new Set(['bin.cts', 'cli.ts']);
    expect(edges.filter(({ to }) => entries.has(to)).map(({ from, to }) => `${from} → ${to}`)).toEqual([
      'bin.cts → cli.ts',
    ]);
  });

  it('has no cycle', () => {
    expect(cycle()).toBeNull();
  });

  it('has nothing but node built-ins in shared', () => {
    const foreign = files
      .filter(({ path }) => folderOf(path) === 'shared')
      .flatMap(({ imports }) => imports)
      .filter(({ file, name }) => file === null && !name.startsWith('node:'));
    expect(foreign).toEqual([]);
  });

  it('has no default export, no barrel, and names its own files with their suffix', () => {
    const offences = files.flatMap(({ path, text, imports }) => [
      ...(/^\s*export\s+default\b|\bas\s+default\b/m.test(text) ? [`${path}: default export`] : []),
      ...(/^\s*export\s+(?:type\s+)?(?:\*|\{[^}]*\}\s*from)/m.test(text) ? [`${path}: re-export`] : []),
      ...(/(?:^|\/)(?:index|utils?|helpers?)\.[cm]?tsx?$/.test(path) ? [`${path}: says nothing`] : []),
      ...imports
        .filter(
          ({ name, kind }) => name.startsWith('.') && kind === 'static' && !/\.(?:tsx?|json)$/.test(name),
        )
        .map(({ name }) => `${path}: ${name} without its suffix`),
    ]);
    expect(offences).toEqual([]);
  });
});

describe('the headers of limits', () => {
  const writers = /^(?:demo|simulate)\/|^proxy\/(?:headers|refuse)\.ts$/;

  it('are read in one place; others only write them, or leave them out', () => {
    const knowing = files.filter(({ text }) => text.includes('anthropic-ratelimit')).map(({ path }) => path);
    expect(knowing.filter((path) => !writers.test(path))).toEqual(['balancer/limits.ts']);
  });
});

describe('start-up', () => {
  const light = ['cli.ts', 'commands/help-text.ts', 'commands/status.ts', 'commands/account-list.ts'];

  it.each(light)('%s loads nothing heavy', (path) => {
    expect(byPath.has(path)).toBe(true);
    expect(packagesLoadedWith(path).filter((name) => heavy.has(name))).toEqual([]);
  });

  it('cli.ts loads no folder but commands, config and shared', () => {
    const folders = new Set([...loadedWith('cli.ts')].map(folderOf));
    expect([...folders].sort()).toEqual(['', 'commands', 'config', 'shared']);
  });

  it('serve loads nothing of the screen, nor of a demo', () => {
    const folders = new Set(
      ['app.tsx', 'services.ts'].flatMap((path) => [...loadedWith(path)].map(folderOf)),
    );
    expect([...folders].filter((name) => ['ui', 'demo', 'simulate'].includes(name))).toEqual([]);
  });

  it('the data plane loads no table of settings or actions: main has read them', () => {
    const tables = ['config/setting-table.ts', 'shared/actions.ts'];
    expect(tables.filter((path) => !byPath.has(path))).toEqual([]);
    expect(tables.filter((path) => loadedWith('proxy/worker.ts').has(path))).toEqual([]);
  });

  it('the thread of the history loads no encryption: most installations capture nothing', () => {
    expect(packagesLoadedWith('history/worker.ts')).not.toContain('node:crypto');
    expect(packagesLoadedWith('history/capture-keeper.ts')).toContain('node:crypto');
  });

  it('packages with a cost are known to one place each', () => {
    const strays = files.flatMap(({ path, imports }) =>
      imports
        .filter(({ name, kind }) => kind !== 'type' && name in onlyIn && !onlyIn[name]?.test(path))
        .map(({ name }) => `${path} → ${name}`),
    );
    expect(strays).toEqual([]);
  });
});

describe('statements of SQL', () => {
  // node:sqlite of Node 22.19 takes `?1` for a name, and refuses the value; later ones do not.
  it('number no parameter', () => {
    const written = files.filter(({ path }) => path.startsWith('history/'));
    expect(written.length).toBeGreaterThan(10);
    expect(written.filter(({ text }) => /\?\d/.test(text)).map(({ path }) => path)).toEqual([]);
  });
});
