import { execFileSync } from 'node:child_process';
import type { ResolveFnOutput } from 'node:module';
import { describe, expect, it } from 'vitest';
import { leanly, onlyThrottle } from '../source/lean-imports.ts';

type Loaded = { toolkit: number; undici: boolean; fetched: string };

/** What the compiled screen has loaded, and whether the thread can fetch afterwards. */
const loadedWithScreen = (): Loaded => {
  const file = new URL('../distribution/load-screen.js', import.meta.url).href;
  const script = `
    import { registerHooks } from 'node:module';
    let toolkit = 0;
    registerHooks({ load: (url, context, next) => {
      if (url.includes('/es-toolkit/')) toolkit += 1;
      return next(url, context);
    } });
    const { loadScreen } = await import(${JSON.stringify(file)});
    await Promise.all([loadScreen(), loadScreen()]);
    const undici = process.moduleLoadList.some((name) => name.endsWith('undici/undici'));
    const fetched = await (await fetch('data:,there')).text();
    console.log(JSON.stringify({ toolkit, undici, fetched }));`;
  return JSON.parse(
    execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }),
  ) as Loaded;
};

describe('loading the screen', () => {
  it('loads one function of es-toolkit and no fetch, which is there afterwards', () => {
    const { toolkit, undici, fetched } = loadedWithScreen();
    // Of more than 400 files.
    expect(toolkit).toBeLessThan(10);
    expect(undici).toBe(false);
    expect(fetched).toBe('there');
  });
});

describe('onlyThrottle', () => {
  const resolve = (
    specifier: string,
    parentURL: string,
    known: (specifier: string) => boolean,
  ): ResolveFnOutput | Promise<ResolveFnOutput> =>
    onlyThrottle(specifier, { conditions: [], importAttributes: {}, parentURL }, (name) => {
      if (!known(name)) throw new Error(`no ${name}`);
      return { url: `file:///${name}.mjs` };
    });
  const ink = 'file:///node_modules/ink/build/ink.js';

  it('gives Ink a file with the one name that it imports', async () => {
    const { url } = await resolve('es-toolkit/compat', ink, () => true);
    expect(decodeURIComponent(url)).toBe(
      'data:text/javascript,export { default as throttle } from "file:///es-toolkit/compat/throttle.mjs";',
    );
  });

  it('leaves a library without that file as it is', async () => {
    const whole = await resolve('es-toolkit/compat', ink, (name) => name === 'es-toolkit/compat');
    expect(whole.url).toBe('file:///es-toolkit/compat.mjs');
  });

  it('leaves every other import as it is', async () => {
    const others = [
      ['es-toolkit/compat', 'file:///node_modules/other/index.js'],
      ['chalk', ink],
    ] as const;
    for (const [specifier, parent] of others) {
      expect((await resolve(specifier, parent, () => true)).url).toBe(`file:///${specifier}.mjs`);
    }
  });
});

describe('leanly', () => {
  it('gives fetch back when the import fails', async () => {
    const before = Object.getOwnPropertyDescriptor(globalThis, 'fetch');
    const failed = leanly(() => Promise.reject(new Error(typeof globalThis.fetch)));
    await expect(failed).rejects.toThrow('undefined');
    expect(Object.getOwnPropertyDescriptor(globalThis, 'fetch')).toEqual(before);
  });
});
