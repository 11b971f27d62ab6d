import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** The builds of React that the compiled screen loads. */
const buildsOf = (nodeEnv: string | undefined): string[] => {
  const file = new URL('../distribution/load-screen.js', import.meta.url).href;
  const script = `
    const { loadScreen } = await import(${JSON.stringify(file)});
    await loadScreen();
    const { createRequire } = await import('node:module');
    const { cache } = createRequire(import.meta.url);
    // Looking for the names that a file exports puts it there, too, but does not run it.
    console.log(JSON.stringify(Object.keys(cache).filter((name) => cache[name].loaded)));`;
  const { NODE_ENV: _, ...env } = process.env;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], {
    env: nodeEnv === undefined ? env : { ...env, NODE_ENV: nodeEnv },
    encoding: 'utf8',
  });
  const files = JSON.parse(output) as string[];
  return ['development', 'production'].filter((build) =>
    files.some((name) => name.endsWith(`react.${build}.js`)),
  );
};

test('the screen runs the production build of React, unless the environment says otherwise', () => {
  expect(buildsOf(undefined)).toEqual(['production']);
  expect(buildsOf('development')).toEqual(['development']);
});
